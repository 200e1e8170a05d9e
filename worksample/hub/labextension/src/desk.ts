/**
 * What the panel asks of the candidate's own server, which asks the exchange.
 *
 * Requests go through JupyterLab's own settings: the same origin, the page's XSRF token, no token
 * of the exchange's.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export interface Receipt {
  number: number;
  code: string;
  submitted: string;
  counts: boolean;
  late: boolean;
}

export interface WholeReceipt {
  number: number;
  code: string;
  digest: string;
  received: string;
  late: boolean;
  counts: boolean;
  files: Record<string, string>;
  notes: string[];
  /** File -> why it was not handed in; only in the answer to handing in. */
  left_out?: Record<string, string>;
}

export type State = 'not open' | 'ready' | 'missed' | 'running' | 'paused' | 'over';

export interface Attempt {
  assignment: string;
  title: string;
  state: State;
  why: string;
  revision: boolean;
  closes: string | null;
  minutes: number;
  started: string | null;
  ends: string | null;
  seconds_left: number;
  /** Seconds of the time that our side had lost by not answering. */
  given_back: number;
  /** The clock stands because something failed on our side. */
  held: boolean;
  receipts: Receipt[];
  feedback: boolean;
  /** Members of the team who follow it at this moment. */
  looking_on: string[];
}

export interface Question {
  number: number;
  text: string;
  time: string;
  answers: { text: string; time: string }[];
}

export interface Standing {
  candidate: string;
  opening: { title: string; decision: string; contact: string; live: boolean };
  notice: { html: string; digest: string; accepted: boolean };
  attempts: Attempt[];
  questions: Question[];
  /** Address of the candidate's pages at the exchange; empty where there are none. */
  pages: string;
}

export interface Check {
  name: string;
  /** null: it was not run. */
  passed: boolean | null;
  says: string;
  /** It was run before the answer's cell was run last. */
  before: boolean;
}

export interface Task {
  title: string;
  state: string;
  checks: Check[];
}

export interface Folder {
  assignment: string;
  warm_up: boolean;
  /** Path of the notebook; empty where it is not there. */
  notebook: string;
  saved: string;
  tasks: Task[];
}

export interface Work {
  attempts: Folder[];
  room: { used: number; allowed: number | null; free: number };
  note: string;
}

export interface Installed {
  python: string;
  packages: { name: string; version: string }[];
}

export interface Version {
  number: number;
  time: string;
}

/** The candidate's server does not answer. */
export class Lost extends Error {}

/** The candidate's server answers, and the exchange does not. */
export class Silent extends Error {}

/** It was refused, in words for the candidate. */
export class Refused extends Error {}

export class Desk {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  standing(): Promise<Standing> {
    return this.ask<Standing>('standing');
  }

  work(): Promise<Work> {
    return this.ask<Work>('work');
  }

  installed(): Promise<Installed> {
    return this.ask<Installed>('installed');
  }

  async accept(notice: string): Promise<void> {
    await this.ask('notice', { notice });
  }

  async question(text: string): Promise<void> {
    await this.ask('questions', { text });
  }

  async start(assignment: string): Promise<void> {
    await this.ask(`attempts/${encodeURIComponent(assignment)}/start`, {});
  }

  handIn(assignment: string): Promise<WholeReceipt> {
    return this.ask<WholeReceipt>(`attempts/${encodeURIComponent(assignment)}/hand-in`, {});
  }

  receipt(assignment: string, number: number): Promise<WholeReceipt> {
    return this.ask<WholeReceipt>(`attempts/${encodeURIComponent(assignment)}/receipts/${number}`);
  }

  versions(assignment: string): Promise<Version[]> {
    return this.ask<Version[]>(`attempts/${encodeURIComponent(assignment)}/versions`);
  }

  /** Put a copy of an earlier version into the home; its path. */
  async restore(assignment: string, number: number): Promise<string> {
    const what = `attempts/${encodeURIComponent(assignment)}/versions/${number}/restore`;
    return (await this.ask<{ path: string }>(what, {})).path;
  }

  private async ask<T>(what: string, fields?: Record<string, string>): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'worksample', what);
    const init: RequestInit = fields ? { method: 'POST', body: JSON.stringify(fields) } : {};
    let answer: Response;
    try {
      answer = await ServerConnection.makeRequest(url, init, this.settings);
    } catch {
      throw new Lost();
    }
    if (answer.ok) {
      return (await answer.json()) as T;
    }
    if (answer.status === 503 && answer.headers.get('Content-Type')?.includes('json')) {
      throw new Silent(await words(answer));
    }
    if (answer.status === 409 || answer.status === 507 || answer.status === 400) {
      throw new Refused(await words(answer));
    }
    if (answer.status === 500) {
      throw new Silent(); // ours, wherever it is
    }
    throw new Lost(); // a proxy's page, or a server that has ended: 403, 404, 502, 503
  }
}

async function words(answer: Response): Promise<string> {
  try {
    return String(((await answer.json()) as { message?: unknown }).message ?? answer.statusText);
  } catch {
    return answer.statusText;
  }
}
