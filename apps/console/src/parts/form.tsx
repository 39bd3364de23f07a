import {
  Button,
  Checkbox,
  Field,
  Input,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Select,
  Textarea,
} from '@fluentui/react-components';
import { ApiError } from '@pstream/api/client';
import { useId, useState, type FormEvent, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Command } from './basics.js';
import { DialogFrame, OpenDialog } from './dialog-frame.js';
import { Failure } from './states.js';

/** The values of a form, what is wrong with each, and how it is sent. */
export type Form<Name extends string> = {
  readonly values: Readonly<Record<Name, string>>;
  readonly set: (name: Name, value: string) => void;
  readonly faultOf: (name: Name) => string | undefined;
  readonly busy: boolean;
  /** What is wrong with none of the fields. */
  readonly error: unknown;
  /** Does something else with the values than to send them; what is wrong lands at its fields all the same. */
  readonly attempt: (work: (values: Readonly<Record<Name, string>>) => Promise<void>) => Promise<void>;
  readonly submit: () => Promise<void>;
};

type FormOptions<Name extends string> = {
  readonly initial: Readonly<Record<Name, string>>;
  /** What must not be blank, which may depend on what is chosen. */
  readonly required: readonly NoInfer<Name>[] | ((values: Readonly<Record<NoInfer<Name>, string>>) => readonly NoInfer<Name>[]);
  /** The field that a fault of the gateway belongs to, by its path in the body; the path itself unless it says otherwise. */
  readonly fieldOf?: (column: string) => string;
  readonly send: (values: Readonly<Record<Name, string>>) => Promise<void>;
};

/** A form that the gateway checks: its faults land at their fields. */
export const useForm = <Name extends string>({ initial, required, fieldOf = (column) => column, send }: FormOptions<Name>): Form<Name> => {
  const { t } = useTranslation();
  const [values, setValues] = useState(initial);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const attempt: Form<Name>['attempt'] = async (work) => {
    const blank = (typeof required === 'function' ? required(values) : required).filter((name) => values[name].trim() === '');
    setFaults(Object.fromEntries(blank.map((name) => [name, t('form.blank')])));
    setError(undefined);
    if (blank.length > 0) return;
    setBusy(true);
    try {
      await work(values);
    } catch (refused) {
      const found = faultsIn(refused).map(({ column, message }) => [fieldOf(column), message] as const);
      const placed = found.filter(([name]) => name in values);
      setFaults(Object.fromEntries(placed));
      if (placed.length === 0 || placed.length < found.length) setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return {
    values,
    set: (name, value) => setValues((before) => ({ ...before, [name]: value })),
    faultOf: (name) => faults[name],
    busy,
    error,
    attempt,
    submit: () => attempt(send),
  };
};

type Fault = { readonly column: string; readonly message: string };

/** What is wrong with which field: with the body as such, or with one that the facts of a refusal name. */
const faultsIn = (refused: unknown): readonly Fault[] => {
  const problem = refused instanceof ApiError ? refused.problem : undefined;
  const named = problem?.facts?.['field'];
  return problem?.errors ?? (problem !== undefined && typeof named === 'string' ? [{ column: named, message: problem.detail }] : []);
};

type FieldProps<Name extends string> = {
  readonly form: Form<Name>;
  readonly name: Name;
  readonly label: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly type?: 'text' | 'password' | 'date' | 'datetime-local' | 'number' | 'time';
  /** What may be typed, offered while it is. */
  readonly suggestions?: readonly string[];
  /** What the page itself finds wrong, before anything is sent. */
  readonly fault?: string;
  readonly lines?: number;
  readonly options?: readonly (readonly [value: string, label: string])[];
};

/** A field of a form, with what is wrong with it. */
export const FormField = <Name extends string>({
  form,
  name,
  label,
  hint,
  required = false,
  type = 'text',
  lines,
  options,
  suggestions,
  fault: own,
}: FieldProps<Name>): ReactElement => {
  const fault = own ?? form.faultOf(name);
  const value = form.values[name];
  const list = useId();
  const field = (
    <Field
      label={label}
      required={required}
      {...(hint === undefined ? {} : { hint })}
      {...(fault === undefined ? {} : { validationMessage: fault, validationState: 'error' as const })}
    >
      {options !== undefined ? (
        <Select value={value} onChange={(_event, given) => form.set(name, given.value)}>
          {options.map(([each, shown]) => (
            <option key={each} value={each}>
              {shown}
            </option>
          ))}
        </Select>
      ) : lines !== undefined ? (
        <Textarea value={value} rows={lines} spellCheck={false} onChange={(_event, given) => form.set(name, given.value)} />
      ) : (
        <Input
          value={value}
          type={type}
          autoComplete="off"
          spellCheck={false}
          {...(suggestions === undefined ? {} : { list })}
          onChange={(_event, given) => form.set(name, given.value)}
        />
      )}
    </Field>
  );
  if (suggestions === undefined) return field;
  return (
    <>
      {field}
      <datalist id={list}>
        {suggestions.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
};

/** A choice of a form that is on (`yes`) or off. */
export const FormCheck = <Name extends string>({ form, name, label }: Pick<FieldProps<Name>, 'form' | 'name' | 'label'>): ReactElement => (
  <Checkbox
    label={label}
    checked={form.values[name] === 'yes'}
    onChange={(_event, { checked }) => form.set(name, checked === true ? 'yes' : '')}
  />
);

const isOutdated = (error: unknown): boolean => error instanceof ApiError && error.status === 412;

/** That somebody else was quicker, so that nothing was saved. */
const Outdated = ({ again }: { readonly again: () => void }): ReactElement => {
  const { t } = useTranslation();
  return (
    <MessageBar intent="warning" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{t('edit.outdated')}</MessageBarTitle>
        {t('edit.outdatedDetail')}
      </MessageBarBody>
      <MessageBarActions>
        <Button onClick={again}>{t('edit.lookAgain')}</Button>
      </MessageBarActions>
    </MessageBar>
  );
};

/** A dialog around a form: Enter sends it, and what went wrong is said above its buttons. */
export const FormDialog = <Name extends string>({
  title,
  form,
  submit,
  command,
  onClose,
  actions,
  again,
  children,
}: {
  readonly title: string;
  readonly form: Form<Name>;
  readonly submit: string;
  /** The command that does the same. */
  readonly command: string;
  readonly onClose: () => void;
  /** More buttons. */
  readonly actions?: ReactNode;
  /** Looks again at what is edited, where somebody else has changed it meanwhile. */
  readonly again?: (() => void) | undefined;
  readonly children: ReactNode;
}): ReactElement => {
  const { t } = useTranslation();
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void form.submit();
  };
  const buttons = (
    <>
      {actions}
      <Button onClick={onClose}>{t('cancel')}</Button>
      <Button type="submit" appearance="primary" disabled={form.busy}>
        {submit}
      </Button>
    </>
  );
  return (
    <OpenDialog onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <DialogFrame title={title} buttons={buttons}>
          {children}
          <Command command={command} />
          {form.error === undefined ? null : again !== undefined && isOutdated(form.error) ? (
            <Outdated again={again} />
          ) : (
            <Failure error={form.error} />
          )}
        </DialogFrame>
      </form>
    </OpenDialog>
  );
};
