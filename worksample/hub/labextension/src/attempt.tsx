/** One attempt, from before its start to after its feedback. */
import * as React from 'react';

import { count, hour, inWords, moment } from './clock';
import type { Attempt, Check, Task, Version, WholeReceipt } from './desk';
import type { Tools } from './panel';
import { Button, decision, useDoing, Wrong } from './parts';

type Mine = Tools & { attempt: Attempt };

export function AttemptCard(props: Mine): React.JSX.Element {
  const { attempt } = props;
  const at = `worksample-at-${attempt.assignment}`;
  return (
    <section className="worksample-attempt" aria-labelledby={at}>
      <h3 id={at}>{attempt.title}</h3>
      {attempt.state === 'ready' && <Start {...props} />}
      {(attempt.state === 'not open' || attempt.state === 'missed') && <p>{attempt.why}</p>}
      {attempt.started && (
        <>
          <Time {...props} />
          <Files {...props} />
          <Tasks {...props} />
          <HandIn {...props} />
          <Receipts {...props} />
          <Versions {...props} />
          <Afterwards {...props} />
        </>
      )}
    </section>
  );
}

function Start({ attempt, model, desk, lab }: Mine): React.JSX.Element {
  const [busy, wrong, run] = useDoing();
  const [sure, setSure] = React.useState(false);
  const minutes = count(Math.round(attempt.minutes * 10) / 10, 'minute');
  const start = async (): Promise<void> => {
    model.tell('One moment: looking whether a kernel answers.');
    await lab.kernelAnswers();
    await desk.start(attempt.assignment);
    model.tell(`Your time has begun: ${minutes}.`);
    await model.refresh();
    openNotebook({ attempt, model, lab });
  };
  return (
    <>
      <p>
        You have <strong>{minutes}</strong> from the moment you press start.{' '}
        {attempt.revision
          ? 'You go on with your own work, with the feedback beside it.'
          : 'Your brief and your files are here then.'}
      </p>
      <ul>
        {attempt.closes && <li>You can start until {moment(attempt.closes)}.</li>}
        <li>It begins once a kernel has answered, and goes on when you close this page.</li>
        <li>If our side fails, the time is given back to you.</li>
        <li>It is saved by itself; what is saved at the end is handed in for you.</li>
        <li>Hand in as often as you like before the end; the last one counts.</li>
      </ul>
      {!model.standing!.notice.accepted ? (
        <p>You can start once you have agreed to the notice above.</p>
      ) : sure ? (
        <Confirm
          busy={busy}
          words={<p>Your {minutes} begin now.</p>}
          yes={busy ? 'Starting …' : 'Start the clock'}
          no="Not yet"
          does={() => run(start)}
          leaves={() => setSure(false)}
        />
      ) : (
        <Button does={() => setSure(true)}>Start my {minutes}</Button>
      )}
      <Wrong words={wrong} />
    </>
  );
}

function openNotebook({ attempt, model, lab }: Pick<Mine, 'attempt' | 'model' | 'lab'>): void {
  const path = model.folder(attempt.assignment)?.notebook;
  if (path) {
    lab.open(path);
  }
}

/** A question to be answered before something is done; the keyboard goes to it. */
function Confirm(props: {
  busy: boolean;
  words: React.JSX.Element;
  yes: string;
  no: string;
  does: () => void;
  leaves: () => void;
}): React.JSX.Element {
  const first = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => first.current?.focus(), []);
  return (
    <div className="worksample-confirm" role="group" aria-label="Please confirm" tabIndex={-1} ref={first}>
      <div>{props.words}</div>
      <Button busy={props.busy} does={props.does}>
        {props.yes}
      </Button>
      <Button quiet busy={props.busy} does={props.leaves}>
        {props.no}
      </Button>
    </div>
  );
}

const HIDDEN = 'worksample-time-hidden';

function Time({ attempt, model }: Mine): React.JSX.Element {
  const [hidden, setHidden] = React.useState(() => localStorage.getItem(HIDDEN) === 'yes');
  if (attempt.state === 'over') {
    return (
      <div className="worksample-time">
        <p className="worksample-left">Your time is over</p>
        <p>
          What was saved is handed in for you. What you hand in now is kept and marked as late; what
          came in time counts, unless the team decides otherwise.
        </p>
      </div>
    );
  }
  const hide = (): void => {
    localStorage.setItem(HIDDEN, hidden ? 'no' : 'yes');
    setHidden(!hidden);
  };
  const words = inWords(model.left(attempt));
  return (
    <div className="worksample-time">
      {!hidden && (
        <div role="timer" aria-label="Time left">
          <p className="worksample-left">
            {attempt.state === 'paused' ? `Paused, ${words} left` : `${words} left`}
          </p>
          {attempt.state === 'paused' ? (
            <p>
              {attempt.held
                ? 'Something has failed on our side, so your clock was stopped. It goes on when your JupyterLab has started.'
                : 'The team has stopped your clock. It goes on when they say so.'}
            </p>
          ) : (
            attempt.ends && <p>Until {hour(attempt.ends)} on your clock.</p>
          )}
        </div>
      )}
      <Button quiet does={hide}>
        {hidden ? 'Show the time' : 'Hide the time'}
      </Button>
      {attempt.given_back > 0 && (
        <p>
          Our side did not answer for a while: {inWords(attempt.given_back * 1000)} were given back
          to you.
        </p>
      )}
      {attempt.looking_on.length > 0 && (
        <p>
          Here with you: {attempt.looking_on.join(', ')}. They see what you have saved, and cannot
          write into it.
        </p>
      )}
    </div>
  );
}

function Files({ attempt, model, desk, lab }: Mine): React.JSX.Element | null {
  const [busy, wrong, run] = useDoing();
  const folder = model.folder(attempt.assignment);
  if (!model.work) {
    return null;
  }
  const fetch = async (): Promise<void> => {
    await desk.start(attempt.assignment); // pressed again nothing changes but what is missing
    await model.refresh();
    openNotebook({ attempt, model, lab });
  };
  return (
    <>
      {folder?.notebook ? (
        <Button quiet does={() => lab.open(folder.notebook)}>
          Open the notebook
        </Button>
      ) : (
        <>
          <p>
            {folder
              ? `${attempt.assignment}.ipynb is not in its folder. Fetch it as it came, or put ` +
                'yours back under that name.'
              : 'Your files are not here yet.'}
          </p>
          <Button busy={busy} does={() => run(fetch)}>
            {busy ? 'Fetching …' : 'Fetch my files'}
          </Button>
        </>
      )}
      <Wrong words={wrong} />
    </>
  );
}

const SIGNS: Record<string, string> = { answered: '●', 'as it came': '◐', empty: '○' };

function Tasks({ attempt, model }: Mine): React.JSX.Element | null {
  const folder = model.folder(attempt.assignment);
  if (!folder?.tasks.length) {
    return null;
  }
  return (
    <>
      <h4>Your tasks, as saved at {hour(folder.saved)}</h4>
      <ol className="worksample-tasks">
        {folder.tasks.map((each, index) => (
          <li key={index}>
            <span className="worksample-sign" aria-hidden="true">
              {SIGNS[each.state] ?? '◌'}
            </span>
            <div>
              {each.title} <em className="worksample-state">{each.state}</em>
              {each.checks.map(check => (
                <p key={check.name} className="worksample-check">
                  {inCheck(check)}
                </p>
              ))}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

const LONGEST = 160;

/** What a visible check said: of the form of an answer, never whether it is right. */
function inCheck(check: Check): string {
  if (check.passed === null) {
    return `– ${check.name}: its check was not run`;
  }
  const says = check.says.length > LONGEST ? `${check.says.slice(0, LONGEST)} …` : check.says;
  const words = check.passed ? `✓ ${check.name}: it can be used` : `✗ ${check.name}: ${says}`;
  return check.before ? `${words} (before you ran the answer again: run the check too)` : words;
}

function HandIn({ attempt, model, desk, lab }: Mine): React.JSX.Element | null {
  const [busy, wrong, run] = useDoing();
  const [sure, setSure] = React.useState(false);
  const [receipt, setReceipt] = React.useState<WholeReceipt | null>(null);
  const folder = model.folder(attempt.assignment);
  if (attempt.feedback || !folder?.notebook) {
    return null;
  }
  const handIn = async (): Promise<void> => {
    await lab.saveAll(attempt.assignment);
    setReceipt(await desk.handIn(attempt.assignment));
    setSure(false);
    await model.refresh();
  };
  return (
    <>
      {sure ? (
        <Confirm
          busy={busy}
          words={<Before tasks={folder.tasks} over={attempt.state === 'over'} />}
          yes={busy ? 'Handing in …' : 'Hand in'}
          no="Not yet"
          does={() => run(handIn)}
          leaves={() => setSure(false)}
        />
      ) : (
        <Button
          does={() => {
            setReceipt(null);
            setSure(true);
          }}
        >
          {attempt.receipts.length ? 'Hand in again' : 'Hand in'}
        </Button>
      )}
      <Wrong words={wrong} />
      {receipt && <Received receipt={receipt} fresh />}
    </>
  );
}

/** What is about to be handed in, in words. */
function Before({ tasks, over }: { tasks: Task[]; over: boolean }): React.JSX.Element {
  const open = tasks.filter(each => each.state !== 'answered');
  const done = tasks.length - open.length;
  return (
    <>
      What is open in JupyterLab is saved first; then your notebook and your own files are handed
      in.{' '}
      {over ? 'Your time is over: it will be marked as late.' : 'You can hand in again until the end.'}
      {tasks.length > 0 && ` ${done} of ${count(tasks.length, 'task')} answered, as last saved`}
      {tasks.length > 0 && (open.length ? '; not yet:' : '.')}
      {open.length > 0 && (
        <ul>
          {open.map((each, index) => (
            <li key={index}>{each.title}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Receipts({ attempt, desk }: Mine): React.JSX.Element | null {
  const [busy, wrong, run] = useDoing();
  const [shown, setShown] = React.useState<WholeReceipt | null>(null);
  if (!attempt.receipts.length) {
    return <p>Nothing is handed in yet.</p>;
  }
  const show = async (number: number): Promise<void> => {
    setShown(await desk.receipt(attempt.assignment, number));
  };
  return (
    <>
      <h4>Handed in</h4>
      <ul className="worksample-receipts">
        {[...attempt.receipts].reverse().map(each => (
          <li key={each.number}>
            <Button quiet busy={busy} does={() => run(() => show(each.number))}>
              Receipt {each.code}
            </Button>{' '}
            {moment(each.submitted)}
            {each.late && ', late'}
            {each.counts && ', this one counts'}
          </li>
        ))}
      </ul>
      {shown && <Received receipt={shown} fresh={false} />}
      <Wrong words={wrong} />
    </>
  );
}

/** A receipt: what was taken, when, and the fingerprint of every file. */
function Received({ receipt, fresh }: { receipt: WholeReceipt; fresh: boolean }): React.JSX.Element {
  const head = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => head.current?.focus(), [receipt]);
  const left = Object.entries(receipt.left_out ?? {});
  const files = Object.entries(receipt.files);
  return (
    <div className="worksample-receipt">
      <h4 tabIndex={-1} ref={head}>
        {fresh ? 'Handed in: receipt ' : 'Receipt '}
        <span className="worksample-code">{receipt.code}</span>
      </h4>
      <p>
        {fresh && 'Your work has arrived and is kept. '}
        Received {moment(receipt.received)};{' '}
        {receipt.late ? 'after the end of the time, marked as late' : 'in time'};{' '}
        {receipt.counts ? 'this one counts' : 'another one counts'}.
      </p>
      {left.length > 0 && (
        <>
          <p>
            <strong>Not in it:</strong>
          </p>
          <ul>
            {left.map(([name, why]) => (
              <li key={name}>
                {name} ({why})
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>What it held: {count(files.length, 'file')}</summary>
        <p className="worksample-code">SHA-256 {receipt.digest}</p>
        <ul>
          {files.map(([name, digest]) => (
            <li key={name}>
              {name} <span className="worksample-code">{digest}</span>
            </li>
          ))}
        </ul>
        {receipt.notes.map((note, index) => (
          <p key={index}>{note}</p>
        ))}
      </details>
    </div>
  );
}

/** What was kept of each save, to be looked at again and taken from. */
function Versions({ attempt, desk, lab }: Mine): React.JSX.Element {
  const [, wrong, run] = useDoing();
  const [listed, setListed] = React.useState<Version[] | null>(null);
  const name = attempt.assignment;
  const ask = (open: boolean): void => {
    if (open) {
      run(async () => setListed(await desk.versions(name)));
    }
  };
  const show = async (number: number): Promise<void> => lab.open(await desk.restore(name, number));
  return (
    <details onToggle={event => ask(event.currentTarget.open)}>
      <summary>Earlier versions of your notebook</summary>
      <p>
        A copy opens beside your work: take from it what you need. Your notebook stays as it is, and
        the copy is not handed in.
      </p>
      {listed?.length === 0 && <p>None is kept yet.</p>}
      <ul className="worksample-receipts">
        {listed?.map(each => (
          <li key={each.number}>
            <Button quiet does={() => run(() => show(each.number))}>
              Open version {each.number}
            </Button>{' '}
            {moment(each.time)}
          </li>
        ))}
      </ul>
      <Wrong words={wrong} />
    </details>
  );
}

function Afterwards({ attempt, model }: Mine): React.JSX.Element | null {
  const pages = model.standing!.pages;
  if (attempt.feedback) {
    return (
      <p>
        {pages ? (
          <a
            href={`${pages}${encodeURIComponent(attempt.assignment)}/feedback`}
            target="_blank"
            rel="noopener noreferrer"
          >
            Your feedback (opens a new tab)
          </a>
        ) : (
          'Your feedback is there: fetch it in the Assignment List.'
        )}
      </p>
    );
  }
  if (attempt.state !== 'over') {
    return null;
  }
  return (
    <p>
      {attempt.receipts.length ? 'People are reading your work; your feedback will stand here. ' : ''}
      You are told the decision by {decision(model)}.
    </p>
  );
}
