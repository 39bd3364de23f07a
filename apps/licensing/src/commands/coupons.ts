import {
  couponStream,
  type CommandMeta,
  type CommandReply,
  type CouponEvent,
  type CreateCoupon,
  type WithdrawCoupon,
} from '@pstream/contracts';
import { streamOf, toReply, type Stream } from '@pstream/event-store';
import { err, ok, type Rejection, type Result } from '@pstream/kernel';
import { decideCoupon, evolveCoupon, type Coupon, type CouponCommand } from '../domain/coupon/decide.js';
import type { OfferedCoupon } from '../domain/licence-pool/commands.js';
import type { PoolPorts } from './pool.js';
import { refusedWhereNone, type LicensingPorts } from './ports.js';

/** Makes a coupon. */
export const createCoupon = async (ports: LicensingPorts, meta: CommandMeta, body: CreateCoupon): Promise<CommandReply> =>
  refusedWhereNone(ports) ?? run(ports, { type: 'CreateCoupon', ...body, at: meta.at }, meta);

/** Nobody can use the coupon from now on; orders that have, keep it. */
export const withdrawCoupon = (ports: PoolPorts, meta: CommandMeta, body: WithdrawCoupon): Promise<CommandReply> =>
  run(ports, { type: 'WithdrawCoupon', ...body, at: meta.at }, meta);

/** A coupon as an order is decided with it; null without a code. */
export const offeredCoupon = async (ports: PoolPorts, code: string | undefined): Promise<Result<OfferedCoupon | null, Rejection>> => {
  if (code === undefined) return ok(null);
  const { state } = await couponOf(ports, code).fold();
  if (state.is === 'none') return err({ code: 'coupon.unknown', facts: { code } });
  const { terms, expiresAt, isWithdrawn } = state;
  return ok({ code, terms, expiresAt, isWithdrawn });
};

const couponOf = ({ store }: PoolPorts, code: string): Stream<CouponEvent, Coupon> =>
  streamOf(store, couponStream(code), { context: 'licensing', evolve: evolveCoupon, initial: (): Coupon => ({ is: 'none' }) });

const run = async (ports: PoolPorts, command: CouponCommand, meta: CommandMeta): Promise<CommandReply> =>
  toReply(await couponOf(ports, command.code).decide((state) => decideCoupon(command, state), meta));
