/** Method and path of every operation, by its id. Kept apart from the schemas so that a client carries nothing else. */
export const ADDRESSES = {
  getHealth: 'GET /v1/health',
  getVersion: 'GET /v1/version',

  getMe: 'GET /v1/me',
  createSession: 'POST /v1/sessions',
  endSession: 'DELETE /v1/sessions',
  createSignInCode: 'POST /v1/sign-in-codes',

  getOverview: 'GET /v1/overview',
  getThroughput: 'GET /v1/throughput',
  listenToEvents: 'GET /v1/events',
  listViews: 'GET /v1/admin/views',
  rebuildView: 'POST /v1/admin/views/{name}/rebuild',
  planAll: 'PATCH /v1/admin/plan',
  listDeadLetters: 'GET /v1/admin/dead-letters',
  getDeadLetter: 'GET /v1/admin/dead-letters/{letterId}',
  replayDeadLetter: 'POST /v1/admin/dead-letters/{letterId}/replay',
  dropDeadLetter: 'POST /v1/admin/dead-letters/{letterId}/drop',

  getWorkgroup: 'GET /v1/workgroup',
  editWorkgroup: 'PATCH /v1/workgroup',
  planWorkgroup: 'PATCH /v1/workgroup/plan',
  createWorkgroup: 'POST /v1/workgroups',
  listPeople: 'GET /v1/people',
  inviteAgent: 'POST /v1/people',
  getAgent: 'GET /v1/people/{agentId}',
  editAgent: 'PATCH /v1/people/{agentId}',
  removeAgent: 'DELETE /v1/people/{agentId}',
  createAgentLink: 'POST /v1/people/{agentId}/link',

  listAudit: 'GET /v1/audit',
  downloadAuditCsv: 'GET /v1/audit.csv',
  downloadAuditRecords: 'GET /v1/audit.jsonl',
  listSubscriptions: 'GET /v1/notices/subscriptions',
  addSubscription: 'POST /v1/notices/subscriptions',
  getSubscription: 'GET /v1/notices/subscriptions/{subscriptionId}',
  editSubscription: 'PATCH /v1/notices/subscriptions/{subscriptionId}',
  removeSubscription: 'DELETE /v1/notices/subscriptions/{subscriptionId}',
  testSubscription: 'POST /v1/notices/subscriptions/{subscriptionId}/test',
  listNoticeTemplates: 'GET /v1/notices/templates',
  editNoticeTemplate: 'PATCH /v1/notices/templates/{kind}',
  previewNotice: 'POST /v1/notices/templates/{kind}/preview',
  listNotices: 'GET /v1/notices',

  listTokens: 'GET /v1/tokens',
  createToken: 'POST /v1/tokens',
  revokeToken: 'DELETE /v1/tokens/{tokenId}',

  listCustomers: 'GET /v1/customers',
  createCustomer: 'POST /v1/customers',
  getCustomer: 'GET /v1/customers/{customerId}',
  renameCustomer: 'PATCH /v1/customers/{customerId}',
  removeCustomer: 'DELETE /v1/customers/{customerId}',

  getCustomerThroughput: 'GET /v1/customers/{customerId}/throughput',

  listEndpoints: 'GET /v1/customers/{customerId}/endpoints',
  addEndpoint: 'POST /v1/customers/{customerId}/endpoints',
  getEndpoint: 'GET /v1/customers/{customerId}/endpoints/{endpointId}',
  editEndpoint: 'PATCH /v1/customers/{customerId}/endpoints/{endpointId}',
  removeEndpoint: 'DELETE /v1/customers/{customerId}/endpoints/{endpointId}',
  testEndpoint: 'POST /v1/customers/{customerId}/endpoints/{endpointId}/test',
  testNewEndpoint: 'POST /v1/customers/{customerId}/endpoint-tests',
  rotateEndpointSecret: 'POST /v1/customers/{customerId}/endpoints/{endpointId}/secret',

  getLicences: 'GET /v1/licences',
  getPrices: 'GET /v1/licences/prices',
  listConsiderations: 'GET /v1/licences/considerations',
  placeOrder: 'POST /v1/orders',
  renewOrder: 'POST /v1/orders/{orderId}/renewal',
  listCoupons: 'GET /v1/admin/coupons',
  createCoupon: 'POST /v1/admin/coupons',
  withdrawCoupon: 'DELETE /v1/admin/coupons/{code}',
  getOrder: 'GET /v1/orders/{orderId}',
  cancelOrder: 'POST /v1/orders/{orderId}/cancel',
  refundOrder: 'POST /v1/orders/{orderId}/refund',
  recordPayment: 'POST /v1/orders/{orderId}/payment',
  listBundles: 'GET /v1/customers/{customerId}/bundles',
  applyBundles: 'POST /v1/customers/{customerId}/bundles',

  listCustomerProjects: 'GET /v1/customers/{customerId}/projects',
  createProject: 'POST /v1/customers/{customerId}/projects',
  listPlans: 'GET /v1/plans',
  getProjectPlan: 'GET /v1/projects/{projectId}/plan',
  planProject: 'PATCH /v1/projects/{projectId}/plan',
  planEndpoint: 'PATCH /v1/customers/{customerId}/endpoints/{endpointId}/plan',
  listProjects: 'GET /v1/projects',
  getProject: 'GET /v1/projects/{projectId}',
  editProject: 'PATCH /v1/projects/{projectId}',
  removeProject: 'DELETE /v1/projects/{projectId}',
  estimateProject: 'POST /v1/projects/{projectId}/estimate',
  closeProject: 'POST /v1/projects/{projectId}/close',
  getProjectThroughput: 'GET /v1/projects/{projectId}/throughput',
  replaceProjectOptions: 'POST /v1/projects/{projectId}/options',
  previewProjectOptions: 'POST /v1/projects/{projectId}/options/preview',
  listProjectParts: 'GET /v1/projects/{projectId}/parts',
  listProjectErrors: 'GET /v1/projects/{projectId}/errors',
  downloadProjectErrors: 'GET /v1/projects/{projectId}/errors.csv',
  getProjectReport: 'GET /v1/projects/{projectId}/report',
  downloadProjectReport: 'GET /v1/projects/{projectId}/report.html',
  downloadProjectMailboxes: 'GET /v1/projects/{projectId}/mailboxes.csv',
  downloadProjectVerification: 'GET /v1/projects/{projectId}/verification.csv',
  downloadProjectStatistics: 'GET /v1/projects/{projectId}/statistics.csv',

  listDiscoveryRuns: 'GET /v1/projects/{projectId}/discovery-runs',
  beginDiscoveryRun: 'POST /v1/projects/{projectId}/discovery-runs',
  getDiscoveryRun: 'GET /v1/projects/{projectId}/discovery-runs/{runId}',
  reportDiscoveredFiles: 'POST /v1/projects/{projectId}/discovery-runs/{runId}/files',
  endDiscoveryRun: 'POST /v1/projects/{projectId}/discovery-runs/{runId}/end',
  listDiscoveredFiles: 'GET /v1/projects/{projectId}/discovered-files',
  downloadDiscoveryStatistics: 'GET /v1/projects/{projectId}/discovery-statistics.csv',

  listMailboxes: 'GET /v1/projects/{projectId}/mailboxes',
  addMailboxes: 'POST /v1/projects/{projectId}/mailboxes',
  getMailbox: 'GET /v1/mailboxes/{mailboxJobId}',
  editMailbox: 'PATCH /v1/mailboxes/{mailboxJobId}',
  removeMailbox: 'DELETE /v1/mailboxes/{mailboxJobId}',
  removeMailboxes: 'POST /v1/projects/{projectId}/remove',
  moveMailboxes: 'POST /v1/projects/{projectId}/move',
  listMailboxErrors: 'GET /v1/mailboxes/{mailboxJobId}/errors',
  acknowledgeMailboxErrors: 'POST /v1/mailboxes/{mailboxJobId}/errors/acknowledge',
  listMailboxParts: 'GET /v1/mailboxes/{mailboxJobId}/parts',
  listMailboxPasses: 'GET /v1/mailboxes/{mailboxJobId}/passes',
  listMailboxFolders: 'GET /v1/mailboxes/{mailboxJobId}/folders',
  getMailboxDrift: 'GET /v1/mailboxes/{mailboxJobId}/drift',
  listSuperseded: 'GET /v1/mailboxes/{mailboxJobId}/superseded',

  createReportLink: 'POST /v1/projects/{projectId}/report-links',
  listReportLinks: 'GET /v1/projects/{projectId}/report-links',
  revokeReportLink: 'DELETE /v1/projects/{projectId}/report-links/{linkId}',
  openReportLink: 'GET /v1/shared-reports/{secret}',

  permitViewing: 'PATCH /v1/projects/{projectId}/viewing',
  listPartFolders: 'GET /v1/mailboxes/{mailboxJobId}/parts/{partId}/folders',
  listPartMessages: 'GET /v1/mailboxes/{mailboxJobId}/parts/{partId}/messages',
  getPartMessage: 'GET /v1/mailboxes/{mailboxJobId}/parts/{partId}/messages/{messageId}',
  showPartMessage: 'GET /v1/mailboxes/{mailboxJobId}/parts/{partId}/messages/{messageId}/page.html',
  downloadPartAttachment: 'GET /v1/mailboxes/{mailboxJobId}/parts/{partId}/messages/{messageId}/attachments/{attachmentId}',

  listOperations: 'GET /v1/operations',
  getOperation: 'GET /v1/operations/{operationId}',
  listOperationRows: 'GET /v1/operations/{operationId}/rows',

  startPasses: 'POST /v1/projects/{projectId}/passes',
  prioritiseMailboxes: 'POST /v1/projects/{projectId}/priority',
  stopPasses: 'POST /v1/projects/{projectId}/stop',
  resumePasses: 'POST /v1/projects/{projectId}/resume',
  startOver: 'POST /v1/projects/{projectId}/start-over',
} as const satisfies Readonly<Record<string, `${'GET' | 'POST' | 'PATCH' | 'DELETE'} /v1/${string}`>>;

/** Id of an operation: its name in the API document and in the client. */
export type OperationId = keyof typeof ADDRESSES;

type Split<A extends string> = A extends `${infer Method} ${infer Path}` ? { readonly method: Method; readonly path: Path } : never;
type Placeholders<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;

/** Names of the parameters in the path of an operation. */
export type PathParam<Id extends OperationId> = Placeholders<Split<(typeof ADDRESSES)[Id]>['path']>;

/** Parameters in the path of an operation. */
export type ParamsOf<Id extends OperationId> = { readonly [Name in PathParam<Id>]: string };

/** The method of an operation, and its path with `{name}` for each parameter. */
export const addressOf = (id: OperationId): { readonly method: string; readonly path: string } => {
  const [method = '', path = ''] = ADDRESSES[id].split(' ');
  return { method, path };
};

/** Page of the gateway that begins signing in with an account of an OpenID Connect provider; no operation, since only browsers open it. */
export const ACCOUNT_SIGN_IN_PATH = '/sign-in/account';
