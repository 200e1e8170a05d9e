/** Time left, in words; nothing here knows a page. */
import type { Attempt } from './desk';

/** Minutes at which a screen reader is told. */
export const TOLD = [15, 5, 1];

/**
 * Milliseconds left of an attempt at a moment of this machine's clock.
 *
 * @param asked when the exchange said how much is left; what this machine takes for the time of
 * day does not matter.
 */
export function left(attempt: Attempt, asked: number, now: number): number {
  const then = attempt.seconds_left * 1000;
  return attempt.state === 'running' ? Math.max(0, then - (now - asked)) : then;
}

/** Whole minutes, down: nobody is promised a minute that is not there. */
export function inWords(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) {
    return milliseconds > 0 ? 'less than a minute' : 'no time';
  }
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const parts = hours ? [count(hours, 'hour')] : [];
  if (rest || !hours) {
    parts.push(count(rest, 'minute'));
  }
  return parts.join(' ');
}

/** What is to be said when the time left went from one value to another; empty if nothing. */
export function announcement(before: number, after: number): string {
  const passed = TOLD.filter(each => before > each * 60_000 && after <= each * 60_000);
  if (!passed.length) {
    return after <= 0 && before > 0 ? 'Your time is over. What was saved is handed in.' : '';
  }
  return `${count(Math.max(1, Math.round(after / 60_000)), 'minute')} left.`;
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** The panel's own language: a date in another one would stand out of its sentence. */
const LANGUAGE = 'en-GB';

/** A moment of this browser's time zone. */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });
}

export function hour(iso: string): string {
  return new Date(iso).toLocaleTimeString(LANGUAGE, { hour: '2-digit', minute: '2-digit' });
}

export function day(iso: string): string {
  return new Date(`${iso}T12:00`).toLocaleDateString(LANGUAGE, { dateStyle: 'long' });
}
