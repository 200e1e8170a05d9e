/** What the panel knows, asked again from time to time, and what went wrong. */
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { announcement, left } from './clock';
import {
  type Attempt,
  type Desk,
  type Folder,
  type Installed,
  Lost,
  type Standing,
  type Work
} from './desk';

const STANDING_MS = 30_000;
/** Where somebody of the team is there: they come and go, and stop the clock. */
const LIVE_MS = 5_000;
const WORK_MS = 15_000;
const LOST_MS = 5_000;
const TICK_MS = 1_000;
const NEARLY_FULL = 0.9;
const LITTLE = 64 * 2 ** 20;

export type Connection = 'there' | 'lost' | 'silent';

export class Model {
  standing: Standing | null = null;
  work: Work | null = null;
  installed: Installed | null = null;
  connection: Connection = 'there';
  /** Since when the connection is as it is. */
  since = Date.now();
  /** Path of a notebook -> whether its kernel, which ended, was started again. */
  readonly ended = new Map<string, boolean>();
  readonly notSaved = new Set<string>();
  private asked = Date.now();
  private readonly before = new Map<string, number>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly standingPoll: Poll;
  private readonly polls: { refresh(): Promise<void>; dispose(): void }[];
  private here: string[] = [];

  constructor(
    private readonly desk: Desk,
    /** Tells screen readers something, as it comes. */
    readonly tell: (words: string) => void,
    /** Shows the panel, where it says what to do. */
    private readonly show: () => void
  ) {
    const poll = (factory: () => Promise<void>, interval: number): Poll =>
      new Poll({ auto: true, factory, frequency: { interval, backoff: false }, standby: 'never' });
    this.standingPoll = poll(() => this.askStanding(), STANDING_MS);
    this.polls = [
      this.standingPoll,
      poll(() => this.askWork(), WORK_MS),
      poll(async () => this.tick(), TICK_MS),
      poll(() => (this.connection === 'there' ? Promise.resolve() : this.refresh()), LOST_MS)
    ];
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ask for everything now. */
  async refresh(): Promise<void> {
    await Promise.all([this.askStanding(), this.askWork()]);
  }

  async askWork(): Promise<void> {
    try {
      this.work = await this.desk.work();
      this.installed ??= await this.desk.installed();
      if (this.connection === 'lost') {
        this.connected('there');
      }
    } catch (error) {
      this.failed(error);
    }
    this.say();
  }

  private async askStanding(): Promise<void> {
    try {
      const asked = Date.now();
      this.standing = await this.desk.standing();
      this.asked = asked;
      this.connected('there');
      this.seen(this.standing);
      this.tick();
    } catch (error) {
      this.failed(error);
    }
    this.say();
  }

  /** Milliseconds left of an attempt. */
  left(attempt: Attempt): number {
    return left(attempt, this.asked, Date.now());
  }

  folder(assignment: string): Folder | undefined {
    return this.work?.attempts.find(each => each.assignment === assignment);
  }

  /** Why there may soon be no room, or nothing. */
  get full(): 'home' | 'disk' | '' {
    const room = this.work?.room;
    if (!room) {
      return '';
    }
    if (room.allowed !== null && room.used > NEARLY_FULL * room.allowed) {
      return 'home';
    }
    return room.free < LITTLE ? 'disk' : '';
  }

  kernelEnded(path: string, restarted: boolean): void {
    this.ended.set(path, restarted);
    this.tell(`The kernel of ${path} ended. Your work panel says what to do.`);
    this.show();
    void this.askWork();
  }

  kernelSeen(path: string): void {
    if (this.ended.delete(path)) {
      this.say();
    }
  }

  saving(path: string, failed: boolean): void {
    if (failed && !this.notSaved.has(path)) {
      this.notSaved.add(path);
      this.tell(`${path} could not be saved. Your work panel says what to do.`);
      this.show();
    } else if (!failed) {
      this.notSaved.delete(path);
    }
    void this.askWork();
  }

  say(): void {
    this._changed.emit();
  }

  dispose(): void {
    this.polls.forEach(each => each.dispose());
    Signal.clearData(this);
  }

  private tick(): void {
    for (const attempt of this.standing?.attempts ?? []) {
      const name = attempt.assignment;
      const now = this.left(attempt);
      const words = attempt.state === 'running' ? announcement(this.before.get(name) ?? now, now) : '';
      const before = this.before.get(name);
      this.before.set(name, now);
      if (words) {
        this.tell(words);
      }
      if (before !== undefined && Math.floor(before / 60_000) !== Math.floor(now / 60_000)) {
        this.say();
      }
      if (before !== undefined && before > 0 && now === 0) {
        void this.refresh();
      }
    }
  }

  /** Say who of the team has come or gone. */
  private seen(standing: Standing): void {
    if (standing.opening.live && this.standingPoll.frequency.interval !== LIVE_MS) {
      this.standingPoll.frequency = { ...this.standingPoll.frequency, interval: LIVE_MS };
    }
    const here = [...new Set(standing.attempts.flatMap(each => each.looking_on))];
    const came = here.filter(each => !this.here.includes(each));
    const left = this.here.filter(each => !here.includes(each));
    this.here = here;
    if (came.length) {
      this.tell(`${came.join(', ')} of the team can see what you save now.`);
    }
    if (left.length) {
      this.tell(`${left.join(', ')} of the team no longer looks on.`);
    }
  }

  private connected(how: Connection): void {
    if (how === this.connection) {
      return;
    }
    const words = {
      there: 'Connected again.',
      lost: 'The connection is lost. It is tried again by itself.',
      silent: 'The team’s service does not answer. It is asked again by itself.'
    };
    this.connection = how;
    this.since = Date.now();
    this.tell(words[how]);
    if (how !== 'there') {
      this.show();
    }
  }

  private failed(error: unknown): void {
    this.connected(error instanceof Lost ? 'lost' : 'silent');
  }
}
