import type { z } from 'zod';
import { ChangePlan, Places, PlacesReply, Plans, PlansReply } from './admission.js';
import { ReadAudit, ReadAuditReply, RecordAudit } from './audit.js';
import {
  ApplyBundles,
  CancelOrder,
  CheckoutAddress,
  CheckoutAddressReply,
  Coverage,
  CoverageReply,
  CreateCoupon,
  LicenceTerms,
  LicenceTermsReply,
  LookAtOrder,
  LookAtOrderReply,
  PlaceOrder,
  RecordPayment,
  RefundOrder,
  RenewOrder,
  WithdrawCoupon,
} from './licensing.js';
import {
  AddEndpoint,
  AddLineItems,
  ChangeOptions,
  CreateCustomer,
  CreateDiscoveryProject,
  CreateProject,
  EditEndpoint,
  EditMailbox,
  EditProject,
  RemoveCustomer,
  RemoveEndpoint,
  RemoveMailbox,
  RemoveProject,
  RenameCustomer,
  RotateEndpointSecret,
  TakenNames,
  TakenNamesReply,
  SwitchViewing,
} from './projects.js';
import { SettleParts, SettlePartsReply } from './closing.js';
import { ReadPart, ReadPartReply } from './content.js';
import { BeginDiscoveryRun, EndDiscoveryRun, ReportDiscoveredFiles } from './discovery.js';
import { ReadDrift, ReadDriftReply } from './drift.js';
import { ListSuperseded, ListSupersededReply } from './updates.js';
import { TestEndpoint, TestEndpointReply } from './endpoint-tests.js';
import { MailboxSizes, MailboxSizesReply } from './mailbox-sizes.js';
import { AcknowledgeItemErrors } from './item-errors.js';
import { EditNoticeTemplate, PreviewNoticeReply } from './notice-templates.js';
import { AddSubscription, EditSubscription, RemoveSubscription, SendTest, SendTestReply } from './notices.js';
import { AcceptInvitation, CreateWorkgroup, EditAgent, EditWorkgroup, InviteAgent, RemoveAgent } from './people.js';
import { RequestOperation } from './operations.js';

/** Schema of what a command or a query asks. */
export type RequestSchema = z.ZodType;
type CommandSpec = { readonly request: RequestSchema; readonly rejections: readonly string[] };
type QuerySpec = { readonly request: RequestSchema; readonly answer: z.ZodType };

/** Codes with which any command may be refused: it cannot be read, it expects another version of its stream, or its id was used for another body. */
export const COMMON_REJECTIONS = ['command.malformed', 'stream.version-mismatch', 'request.idempotency-mismatch'] as const;

const PLACING_REJECTIONS = [
  'licence.not-enforced',
  'order.purchase-orders-refused',
  'order.wire-below-minimum',
  'order.price-changed',
  'payment.no-provider',
  'coupon.unknown',
  'coupon.withdrawn',
  'coupon.expired',
  'coupon.used',
  'coupon.no-price',
  'coupon.other-currency',
] as const;

/** Every command, by the context that decides it: the schema of its body, and the codes with which it may be refused. */
export const SERVICE_COMMANDS = {
  content: {},
  credentials: {},
  extractor: {},
  licensing: {
    PlaceOrder: {
      request: PlaceOrder,
      rejections: PLACING_REJECTIONS,
    },
    RenewOrder: {
      request: RenewOrder,
      rejections: [
        ...PLACING_REJECTIONS,
        'order.unknown',
        'order.is-a-renewal',
        'order.without-licences',
        'order.expired',
        'order.renewal-open',
      ],
    },
    CreateCoupon: { request: CreateCoupon, rejections: ['coupon.code-taken', 'coupon.expired', 'licence.not-enforced'] },
    WithdrawCoupon: { request: WithdrawCoupon, rejections: ['coupon.unknown'] },
    RecordPayment: { request: RecordPayment, rejections: ['order.unknown', 'order.not-by-wire', 'order.paid-otherwise', 'order.closed'] },
    CancelOrder: { request: CancelOrder, rejections: ['order.unknown', 'order.paid', 'order.closed'] },
    RefundOrder: {
      request: RefundOrder,
      rejections: [
        'order.renewed',
        'order.unknown',
        'order.not-paid',
        'order.licences-applied',
        'order.expired',
        'order.refund-needs-reference',
        'order.not-by-wire',
      ],
    },
    ApplyBundles: { request: ApplyBundles, rejections: ['licence.seats-exhausted', 'licence.not-enforced'] },
  },
  'pst-builder': {},
  notifier: {
    AddSubscription: { request: AddSubscription, rejections: ['notice.name-taken', 'notice.too-many'] },
    EditSubscription: { request: EditSubscription, rejections: ['notice.unknown', 'notice.name-taken', 'notice.other-channel'] },
    RemoveSubscription: { request: RemoveSubscription, rejections: ['notice.unknown'] },
    EditNoticeTemplate: { request: EditNoticeTemplate, rejections: ['notice.template-placeholder', 'notice.template-brace'] },
  },
  people: {
    CreateWorkgroup: { request: CreateWorkgroup, rejections: [] },
    EditWorkgroup: { request: EditWorkgroup, rejections: ['workgroup.unknown'] },
    InviteAgent: { request: InviteAgent, rejections: ['workgroup.unknown', 'agent.address-taken'] },
    AcceptInvitation: { request: AcceptInvitation, rejections: ['agent.unknown', 'agent.invitation-over'] },
    EditAgent: { request: EditAgent, rejections: ['agent.unknown', 'agent.last-owner'] },
    RemoveAgent: { request: RemoveAgent, rejections: ['agent.unknown', 'agent.last-owner'] },
    RecordAudit: { request: RecordAudit, rejections: [] },
  },
  projects: {
    CreateCustomer: { request: CreateCustomer, rejections: ['customer.name-taken'] },
    AddEndpoint: { request: AddEndpoint, rejections: ['customer.unknown', 'endpoint.name-taken'] },
    RenameCustomer: { request: RenameCustomer, rejections: ['customer.unknown', 'customer.name-taken'] },
    RemoveCustomer: { request: RemoveCustomer, rejections: ['customer.unknown', 'customer.not-empty'] },
    EditEndpoint: { request: EditEndpoint, rejections: ['endpoint.unknown', 'endpoint.name-taken', 'endpoint.other-kind'] },
    RemoveEndpoint: { request: RemoveEndpoint, rejections: ['endpoint.unknown', 'endpoint.in-use'] },
    RotateEndpointSecret: { request: RotateEndpointSecret, rejections: ['endpoint.unknown', 'endpoint.has-no-secret'] },
    CreateProject: {
      request: CreateProject,
      rejections: ['customer.unknown', 'endpoint.unknown', 'endpoint.not-a-source', 'endpoint.not-a-destination', 'project.name-taken'],
    },
    CreateDiscoveryProject: {
      request: CreateDiscoveryProject,
      rejections: ['customer.unknown', 'endpoint.unknown', 'endpoint.not-a-destination', 'project.name-taken'],
    },
    BeginDiscoveryRun: { request: BeginDiscoveryRun, rejections: ['project.unknown', 'project.not-discovery', 'project.closed'] },
    ReportDiscoveredFiles: {
      request: ReportDiscoveredFiles,
      rejections: ['discovery-run.unknown', 'discovery-run.ended', 'discovery-run.other-files'],
    },
    EndDiscoveryRun: { request: EndDiscoveryRun, rejections: ['discovery-run.unknown'] },
    EditProject: {
      request: EditProject,
      rejections: [
        'project.unknown',
        'project.is-discovery',
        'project.closed',
        'endpoint.unknown',
        'endpoint.not-a-source',
        'endpoint.not-a-destination',
        'project.name-taken',
      ],
    },
    RemoveProject: { request: RemoveProject, rejections: ['project.unknown', 'project.not-empty', 'project.has-runs'] },
    ChangeOptions: { request: ChangeOptions, rejections: ['project.unknown', 'project.is-discovery', 'project.closed'] },
    SwitchViewing: { request: SwitchViewing, rejections: ['project.unknown', 'project.is-discovery'] },
    AddLineItems: {
      request: AddLineItems,
      rejections: ['project.unknown', 'project.is-discovery', 'project.closed', 'project.line-items-conflict'],
    },
    AcknowledgeItemErrors: { request: AcknowledgeItemErrors, rejections: [] },
    EditMailbox: {
      request: EditMailbox,
      rejections: [
        'mailbox-job.unknown',
        'mailbox-job.pass-open',
        'mailbox-job.already-read',
        'project.closed',
        'project.line-items-conflict',
        'mailbox.name-taken',
      ],
    },
    RemoveMailbox: { request: RemoveMailbox, rejections: ['mailbox-job.unknown', 'mailbox-job.pass-open'] },
    ChangePlan: {
      request: ChangePlan,
      rejections: ['project.unknown', 'project.is-discovery', 'endpoint.unknown', 'endpoint.not-a-source'],
    },
    RequestOperation: {
      request: RequestOperation,
      rejections: [
        'project.unknown',
        'project.is-discovery',
        'project.keeps-uploads',
        'project.closed',
        'project.other-customer',
        'pass.start-out-of-range',
      ],
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, CommandSpec>>>>;

/** Every query that one context asks of another: the schemas of its body and of its answer. */
export const SERVICE_QUERIES = {
  content: { ReadPart: { request: ReadPart, answer: ReadPartReply } },
  credentials: {
    TestEndpoint: { request: TestEndpoint, answer: TestEndpointReply },
    MailboxSizes: { request: MailboxSizes, answer: MailboxSizesReply },
  },
  'pst-builder': { SettleParts: { request: SettleParts, answer: SettlePartsReply } },
  extractor: {
    ReadDrift: { request: ReadDrift, answer: ReadDriftReply },
    ListSuperseded: { request: ListSuperseded, answer: ListSupersededReply },
  },
  people: { ReadAudit: { request: ReadAudit, answer: ReadAuditReply } },
  notifier: {
    PreviewNotice: { request: EditNoticeTemplate, answer: PreviewNoticeReply },
    SendTest: { request: SendTest, answer: SendTestReply },
  },
  licensing: {
    CheckoutAddress: { request: CheckoutAddress, answer: CheckoutAddressReply },
    Coverage: { request: Coverage, answer: CoverageReply },
    LookAtOrder: { request: LookAtOrder, answer: LookAtOrderReply },
    LicenceTerms: { request: LicenceTerms, answer: LicenceTermsReply },
  },
  projects: {
    Places: { request: Places, answer: PlacesReply },
    Plans: { request: Plans, answer: PlansReply },
    TakenNames: { request: TakenNames, answer: TakenNamesReply },
  },
} as const satisfies Readonly<Record<keyof typeof SERVICE_COMMANDS, Readonly<Record<string, QuerySpec>>>>;

type Commands = typeof SERVICE_COMMANDS;
type Queries = typeof SERVICE_QUERIES;

/** Contexts that answer commands. */
export type Service = keyof Commands;
/** The commands of a context. */
export type CommandName<S extends Service> = keyof Commands[S] & string;
/** The queries of a context. */
export type QueryName<S extends Service> = keyof Queries[S] & string;

type RequestOf<T> = T extends { readonly request: infer R extends z.ZodType } ? R : never;
type AnswerOf<T> = T extends { readonly answer: infer A extends z.ZodType } ? A : never;

/** What the sender of a command writes: fields with a default may be left out. */
export type CommandInput<S extends Service, N extends CommandName<S>> = z.input<RequestOf<Commands[S][N]>>;
/** What the handler of a command gets. */
export type CommandBody<S extends Service, N extends CommandName<S>> = z.output<RequestOf<Commands[S][N]>>;
/** What a query asks. */
export type QueryBody<S extends Service, N extends QueryName<S>> = z.output<RequestOf<Queries[S][N]>>;
/** What a query is answered. */
export type QueryAnswer<S extends Service, N extends QueryName<S>> = z.output<AnswerOf<Queries[S][N]>>;

/** Message pattern of a command or query: `<service>.<Name>`. */
export const pattern = <S extends Service>(service: S, name: CommandName<S> | QueryName<S>): string => `${service}.${name}`;
