/** What the gateway has to be told. */
export type GatewayOptions = {
  /** Directory of `tokens.json`. */
  readonly tokensDir: string;
  /** Host names, without port, by which the gateway may be addressed beside the loopback names. */
  readonly hosts?: readonly string[];
  /** Version that `/v1/version` tells. */
  readonly version?: string;
};

/** Name under which the module hands out its options. */
export const GATEWAY_OPTIONS = Symbol('GatewayOptions');

/** The one workgroup of this release. */
export const WORKGROUP_ID = 'default';

/** Version told when the options name none. */
export const DEFAULT_VERSION = '0.1.0';
