import { checkContainerName } from '@pstream/blob';
import { AZURE_REGIONS, isRegion, regionName, regionsLike } from '@pstream/contracts';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { usageError } from '../cli/cli-error.js';
import { writeNew } from '../cli/config.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { azureBicep, azureScript } from '../prepare/azure.js';
import { entraPowershell, entraScript } from '../prepare/entra.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NATIONAL = /^(us(dod|gov)|china)/;
const GLOBAL_ONLY =
  'Microsoft offers the export of mailboxes in the global cloud only, not in US Government L4 and L5 (GCC High, DoD) or 21Vianet (China); GCC is in the global cloud.';

const global = z.enum(['global', 'gcc-high', 'dod', 'china']).default('global');
const days = (most: number, usual: number): z.ZodType<number> => {
  const error = `Give a whole number of days from 1 to ${most}.`;
  return z.coerce.number({ error }).int({ error }).min(1, { error }).max(most, { error }).default(usual);
};
const uuid = (what: string): z.ZodGUID => z.guid({ error: `Give ${what}, such as 11111111-2222-3333-4444-555555555555.` });
/** Line ends and what hides or turns text round have no place in a script. */
const shownText = z
  .string()
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,256}$/u, { error: 'Give 1 to 256 characters, none of them a control character.' });

const COMMON = {
  cloud: option('--cloud <name>', 'Cloud of the tenant; exports work in global (the default) only', global),
  out: option('--out <file>', 'Write to this new file instead of standard output', z.string().min(1).optional()),
};

const AZURE_LANGUAGES = { bicep: azureBicep, az: azureScript };

@Verb({
  name: 'azure',
  about:
    'Prints Bicep, or a script of az commands, that makes a storage account with one private container, and a right to write for that container only',
})
class PrepareAzure extends Command {
  static readonly options = {
    account: option(
      '--account <name>',
      'Storage account: 3 to 24 lower-case letters and digits',
      z.string().regex(/^[a-z0-9]{3,24}$/, { error: 'Give 3 to 24 lower-case letters and digits.' }),
    ),
    region: option('--region <region>', 'Azure region, such as westeurope', z.string()),
    as: option('--as <language>', 'bicep (the default) or az, a script for bash', z.enum(['bicep', 'az']).default('bicep')),
    resourceGroup: option(
      '--resource-group <name>',
      'Resource group of the account; by default pstream',
      z
        .string()
        .regex(/^[\p{L}\p{N}_(](?:[\p{L}\p{N}_().-]{0,88}[\p{L}\p{N}_()-])?$/u, {
          error: 'Give 1 to 90 letters, digits and _ ( ) . -, without a full stop at the end.',
        })
        .default('pstream'),
    ),
    container: option(
      '--container <name>',
      'Container for the PSTs; by default pstream',
      z
        .string()
        .refine((name) => checkContainerName(name) === null, { error: 'Give 3 to 63 lower-case letters, digits and single hyphens.' })
        .default('pstream'),
    ),
    redundancy: option('--redundancy <kind>', 'LRS (the default), ZRS, GRS or GZRS', z.enum(['LRS', 'ZRS', 'GRS', 'GZRS']).default('LRS')),
    softDelete: option('--soft-delete <days>', 'Days for which a deleted blob can be restored, 1 to 365; by default 14', days(365, 14)),
    principalId: option(
      '--principal-id <id>',
      'Grant the right to this identity (object id of a service principal or managed identity), and make no SAS',
      uuid('an object id').optional(),
    ),
    sasDays: option('--sas-days <days>', 'Days until the SAS expires, 1 to 365; by default 90', days(365, 90)),
    sasFile: option('--sas-file <file>', 'Where the script puts the SAS; by default sas.txt', shownText.default('sas.txt')),
    ...COMMON,
  };

  async execute(
    _: Args,
    { as, region, softDelete, principalId, sasDays, sasFile, cloud, out, ...plan }: Given<typeof PrepareAzure.options>,
  ): Promise<void> {
    requireGlobal(cloud);
    const text = AZURE_LANGUAGES[as]({
      ...plan,
      region: checkedRegion(region),
      softDeleteDays: softDelete,
      access:
        principalId === undefined ? { is: 'sas', until: `${inDays(this.cli, sasDays)}Z`, file: sasFile } : { is: 'identity', principalId },
    });
    await print(this.cli, as, text, out);
  }
}

const ENTRA_LANGUAGES = { powershell: entraPowershell, az: entraScript };

@Verb({
  name: 'entra',
  about:
    'Prints a script for PowerShell or az that registers the app in Microsoft 365, with the rights to read that an export needs and no others',
})
class PrepareEntra extends Command {
  static readonly options = {
    tenantId: option('--tenant-id <id>', 'Directory (tenant) id', uuid('the id of the tenant, which the overview page of Entra shows')),
    as: option('--as <language>', 'powershell (the default) or az, a script for bash', z.enum(['powershell', 'az']).default('powershell')),
    name: option(
      '--name <name>',
      'Name of the app; by default pstream',
      z
        .string()
        .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} '_.,()+-]{0,119}$/u, {
          error: "Give 1 to 120 letters, digits, spaces and ' _ . , ( ) + -, with a letter or digit first.",
        })
        .default('pstream'),
    ),
    group: option(
      '--group <name>',
      'Only the mailboxes of the direct members of this group (name or address); PowerShell only',
      shownText.optional(),
    ),
    withFallback: option(
      '--with-fallback',
      'Also the rights for items that Exchange cannot export as a stream, which then come as MIME',
      z.boolean().default(false),
    ),
    secretDays: option('--secret-days <days>', 'Days until the client secret expires, 1 to 730; by default 180', days(730, 180)),
    secretFile: option(
      '--secret-file <file>',
      'Where the script puts the client secret; by default secret.txt',
      shownText.default('secret.txt'),
    ),
    ...COMMON,
  };

  async execute(_: Args, { as, group, withFallback, cloud, out, ...plan }: Given<typeof PrepareEntra.options>): Promise<void> {
    requireGlobal(cloud);
    if (as === 'az' && group !== undefined)
      throw usageError(
        '--group: rights for the mailboxes of a group are granted in Exchange Online, which az cannot manage. Leave --as away, for PowerShell.',
      );
    const text = ENTRA_LANGUAGES[as]({
      ...plan,
      fallback: withFallback,
      secretUntil: inDays(this.cli, plan.secretDays).slice(0, 10),
      ...(group === undefined ? {} : { group }),
    });
    await print(this.cli, as, text, out);
  }
}

export const verbs: readonly CommandType[] = [PrepareAzure, PrepareEntra];

/** The time so many days from now, to the minute, in UTC and without a zone. */
const inDays = (cli: Cli, count: number): string => new Date(Date.parse(cli.clock.now()) + count * DAY_MS).toISOString().slice(0, 16);

const requireGlobal = (cloud: z.infer<typeof global>): void => {
  if (cloud !== 'global') throw usageError(`--cloud: ${cloud} cannot be used. ${GLOBAL_ONLY}`);
};

const checkedRegion = (text: string): string => {
  const region = regionName(text);
  if (!isRegion(region)) {
    const like = regionsLike(text).filter((name) => !NATIONAL.test(name));
    const hint =
      like.length > 0 ? `Similar: ${like.join(', ')}.` : `It has ${AZURE_REGIONS.length} others, such as westeurope and eastus2.`;
    throw usageError(`--region: Azure has no region of this name. ${hint}`);
  }
  if (NATIONAL.test(region)) throw usageError(`--region: ${region} is in a national cloud. ${GLOBAL_ONLY}`);
  return region;
};

const print = async (cli: Cli, language: string, text: string, file: string | undefined): Promise<void> => {
  if (file !== undefined) await writeNew(file, text);
  if (cli.json || file !== undefined)
    cli.out.done({ language, file: file ?? null, text }, `Written to ${file}. Read it before you run it.`, file ?? '');
  else cli.stdout.write(text);
};
