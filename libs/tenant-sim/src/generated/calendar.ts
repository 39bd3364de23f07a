import { filetimeOf, utf16 } from '@pstream/mapi';
import type { Draw } from './draw.js';
import { binary, flag, int, named, text, time, type Loose } from './props.js';

/** A meeting or appointment, times in milliseconds since 1970. */
export type Occasion = {
  readonly subject: string;
  readonly location: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly allDay: boolean;
  readonly meeting: boolean;
  readonly recurs: boolean;
  /** With `recurs`: the third meeting was moved by an hour and renamed. */
  readonly exception: boolean;
  readonly globalId: Uint8Array;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTES_1601_TO_1970 = 194_074_560;

const minutes = (ms: number): number => Math.floor(ms / 60_000) + MINUTES_1601_TO_1970;

const u16 = (...values: readonly number[]): Buffer => {
  const out = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => out.writeUInt16LE(value & 0xffff, index * 2));
  return out;
};

const u32 = (...values: readonly number[]): Buffer => {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => out.writeUInt32LE(value >>> 0, index * 4));
  return out;
};

/** A global object id of the form that Outlook makes. [MS-OXOCAL] 2.2.1.27. */
export const globalObjectId = (createdMs: number, draw: Draw): Uint8Array =>
  Buffer.concat([
    Buffer.from('040000008200e00074c5b7101a82e008', 'hex'),
    Buffer.alloc(4),
    filetimeOf(new Date(createdMs).toISOString()),
    Buffer.alloc(8),
    u32(16),
    draw.bytes(16),
  ]);

// SYSTEMTIME of a rule: last Sunday of a month at an hour.
const lastSunday = (month: number, hour: number): Buffer => u16(0, month, 0, 5, hour, 0, 0, 0);
const BIAS = [-60, 0, -60] as const;
const STANDARD = lastSunday(10, 3);
const DAYLIGHT = lastSunday(3, 2);
const ZONE = 'W. Europe Standard Time';

/** PidLidTimeZoneStruct. [MS-OXOCAL] 2.2.1.39. */
const zoneStruct = (): Uint8Array => Buffer.concat([u32(...BIAS), u16(0), STANDARD, u16(0), DAYLIGHT]);

/** PidLidAppointmentTimeZoneDefinition…: one rule. [MS-OXOCAL] 2.2.1.41. */
const zoneDefinition = (flags: number): Uint8Array => {
  const name = utf16(ZONE);
  const rule = Buffer.concat([Buffer.from([2, 1]), u16(0x3e, flags, 1601), Buffer.alloc(14), u32(...BIAS), STANDARD, DAYLIGHT]);
  return Buffer.concat([Buffer.from([2, 1]), u16(6 + name.length, 2, ZONE.length), name, u16(1), rule]);
};

const WEEKS = 10;
const EXCEPTION_AT = 2;

const dayStart = (ms: number): number => ms - (ms % DAY);

/** When the moved meeting of a series would have been, and when it is. */
export const movedMeeting = (
  occasion: Occasion,
): { readonly originalMs: number; readonly startMs: number; readonly endMs: number; readonly subject: string } => {
  const originalMs = occasion.startMs + EXCEPTION_AT * 7 * DAY;
  return {
    originalMs,
    startMs: originalMs + HOUR,
    endMs: occasion.endMs + EXCEPTION_AT * 7 * DAY + HOUR,
    subject: `${occasion.subject} (2)`,
  };
};

/** PidLidAppointmentRecur: weekly, ten times, the second one deleted. [MS-OXOCAL] 2.2.1.44. */
const recurrence = (occasion: Occasion): Uint8Array => {
  const weekday = new Date(occasion.startMs).getUTCDay();
  const first = minutes(dayStart(occasion.startMs));
  const deleted = first + 7 * 1440;
  const moved = movedMeeting(occasion);
  const movedDay = minutes(dayStart(moved.originalMs));
  const gone = occasion.exception ? [deleted, movedDay] : [deleted];
  const changed = occasion.exception ? [minutes(dayStart(moved.startMs))] : [];
  const startOffset = Math.floor((occasion.startMs % DAY) / 60_000);
  const lasts = Math.floor((occasion.endMs - occasion.startMs) / 60_000);
  const firstDateTime = first - ((first - weekday * 1440) % (7 * 1440));
  return Buffer.concat([
    u16(0x3004, 0x3004, 0x200b, 1, 0),
    u32(firstDateTime % (7 * 1440), 1, 0, 1 << weekday, 0x2022, WEEKS, 1, gone.length, ...gone, changed.length, ...changed),
    u32(first, first + (WEEKS - 1) * 7 * 1440),
    u32(0x3006, 0x3009, startOffset, startOffset + lasts),
    u16(changed.length),
    ...(occasion.exception ? [exceptionInfo(moved)] : []),
    u32(0),
    ...(occasion.exception ? [extendedException(moved)] : []),
    u32(0),
  ]);
};

type Moved = ReturnType<typeof movedMeeting>;

const ascii = (value: string): Buffer => Buffer.from(value.replaceAll(/[^ -~]/g, '?'), 'latin1');

// ARO_SUBJECT is the only overridden part.
const exceptionInfo = (moved: Moved): Buffer => {
  const subject = ascii(moved.subject);
  return Buffer.concat([
    u32(minutes(moved.startMs), minutes(moved.endMs), minutes(moved.originalMs)),
    u16(1, subject.length + 1, subject.length),
    subject,
  ]);
};

const extendedException = (moved: Moved): Buffer =>
  Buffer.concat([
    u32(4, 0, 0, minutes(moved.startMs), minutes(moved.endMs), minutes(moved.originalMs)),
    u16(moved.subject.length),
    utf16(moved.subject),
    u32(0),
  ]);

/** The calendar properties that appointments and meeting messages share. */
export const calendarProperties = (occasion: Occasion, stateFlags: number): readonly Loose[] => [
  named('appointment', 0x8205, int(0, 2)),
  named('appointment', 0x8208, text(0, occasion.location)),
  named('appointment', 0x820d, time(0, occasion.startMs)),
  named('appointment', 0x820e, time(0, occasion.endMs)),
  named('appointment', 0x8213, int(0, (occasion.endMs - occasion.startMs) / 60_000)),
  named('appointment', 0x8215, flag(0, occasion.allDay)),
  named('appointment', 0x8217, int(0, stateFlags)),
  named('appointment', 0x8218, int(0, occasion.meeting ? 1 : 0)),
  named('appointment', 0x8223, flag(0, occasion.recurs)),
  named('appointment', 0x825e, binary(0, zoneDefinition(2))),
  named('appointment', 0x825f, binary(0, zoneDefinition(2))),
  named('meeting', 0x0003, binary(0, occasion.globalId)),
  named('meeting', 0x0023, binary(0, occasion.globalId)),
  time(0x0060, occasion.startMs),
  time(0x0061, occasion.endMs),
  ...(occasion.recurs
    ? [
        named('appointment', 0x8216, binary(0, recurrence(occasion))),
        named('appointment', 0x8231, int(0, 2)),
        named('appointment', 0x8232, text(0, 'weekly')),
        named('appointment', 0x8233, binary(0, zoneStruct())),
        named('appointment', 0x8234, text(0, ZONE)),
        named('appointment', 0x8235, time(0, dayStart(occasion.startMs))),
        named('appointment', 0x8236, time(0, dayStart(occasion.startMs) + (WEEKS - 1) * 7 * DAY)),
        named('appointment', 0x8260, binary(0, zoneDefinition(3))),
      ]
    : []),
];

/** A reminder, so many minutes before. */
export const reminder = (atMs: number, before: number): readonly Loose[] => [
  named('common', 0x8501, int(0, before)),
  named('common', 0x8502, time(0, atMs)),
  named('common', 0x8503, flag(0, true)),
  named('common', 0x8560, time(0, atMs - before * 60_000)),
];
