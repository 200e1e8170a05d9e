/** Parts that any candidate has, whatever they work on. */
import * as React from 'react';

import { count, day, moment } from './clock';
import { Refused } from './desk';
import type { Tools } from './panel';

/** Runs something that takes a while, and says why it did not work. */
export function useDoing(): [boolean, string, (work: () => Promise<void>) => void] {
  const [busy, setBusy] = React.useState(false);
  const [wrong, setWrong] = React.useState('');
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setWrong('');
    work()
      .catch(error => {
        setWrong(
          error instanceof Refused
            ? error.message
            : 'No answer came. Look in a moment whether it arrived; if not, do it again.'
        );
      })
      .finally(() => setBusy(false));
  };
  return [busy, wrong, run];
}

export function Wrong({ words }: { words: string }): React.JSX.Element {
  return (
    <div role="alert">
      {words && (
        <p className="worksample-wrong">
          <strong>Not done: </strong>
          {words}
        </p>
      )}
    </div>
  );
}

/** A button that says that it is at work, and stays where the keyboard is. */
export function Button(props: {
  busy?: boolean;
  quiet?: boolean;
  does: () => void;
  children: React.ReactNode;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className={props.quiet ? 'worksample-quiet' : 'worksample-main'}
      aria-disabled={props.busy ?? false}
      onClick={() => !props.busy && props.does()}
    >
      {props.children}
    </button>
  );
}

export function NoticeText({ model, desk, sanitizer }: Tools): React.JSX.Element {
  const [busy, wrong, run] = useDoing();
  const notice = model.standing!.notice;
  const text = React.useMemo(() => ({ __html: sanitizer.sanitize(notice.html) }), [notice.html]);
  if (notice.accepted) {
    return (
      <details>
        <summary>The notice that you agreed to, and the rules</summary>
        <div className="worksample-notice" dangerouslySetInnerHTML={text} />
      </details>
    );
  }
  const accept = async (): Promise<void> => {
    await desk.accept(notice.digest);
    model.tell('Thank you. You can start whenever you are ready.');
    await model.refresh();
  };
  return (
    <section aria-label="The notice">
      <div className="worksample-notice" dangerouslySetInnerHTML={text} />
      <Button busy={busy} does={() => run(accept)}>
        I have read this and agree
      </Button>
      <Wrong words={wrong} />
    </section>
  );
}

export function WarmUp({ model, lab }: Tools): React.JSX.Element | null {
  const found = model.work?.attempts.filter(each => each.warm_up && each.notebook) ?? [];
  if (!found.length) {
    return null;
  }
  return (
    <section aria-labelledby="worksample-warm-up">
      <h3 id="worksample-warm-up">Warm up</h3>
      <p>
        See how these notebooks work before your clock begins. Nobody looks at it, and no time of
        yours passes.
      </p>
      {found.map(each => (
        <Button key={each.assignment} quiet does={() => lab.open(each.notebook)}>
          Open the notebook to warm up
        </Button>
      ))}
    </section>
  );
}

export function InstalledList({ model }: Tools): React.JSX.Element | null {
  const found = model.installed;
  if (!found) {
    return null;
  }
  return (
    <details>
      <summary>
        What is installed: Python {found.python} and {count(found.packages.length, 'package')}
      </summary>
      <p>There is no internet here, so nothing can be added to them.</p>
      <ul className="worksample-columns">
        {found.packages.map(each => (
          <li key={each.name}>
            {each.name} {each.version}
          </li>
        ))}
      </ul>
    </details>
  );
}

export function QuestionsSection({ model, desk }: Tools): React.JSX.Element {
  const [busy, wrong, run] = useDoing();
  const [text, setText] = React.useState('');
  const standing = model.standing!;
  const ask = async (): Promise<void> => {
    await desk.question(text);
    setText('');
    model.tell('Your question is with the team. The answer will stand in your work panel.');
    await model.refresh();
  };
  return (
    <section aria-labelledby="worksample-questions">
      <h3 id="worksample-questions">Questions to the team</h3>
      {standing.questions.map(each => (
        <article key={each.number} className="worksample-question">
          <p className="worksample-text">{each.text}</p>
          <p className="worksample-small">You asked at {moment(each.time)}</p>
          {each.answers.map((said, index) => (
            <blockquote key={index}>
              <p className="worksample-text">{said.text}</p>
              <p className="worksample-small">The team, {moment(said.time)}</p>
            </blockquote>
          ))}
          {!each.answers.length && <p className="worksample-small">Not answered yet.</p>}
        </article>
      ))}
      <label htmlFor="worksample-question">Your question</label>
      <textarea
        id="worksample-question"
        maxLength={2000}
        rows={3}
        value={text}
        aria-describedby="worksample-question-help"
        onChange={event => setText(event.target.value)}
      />
      <p className="worksample-small" id="worksample-question-help">
        People read it, in working hours. They can’t tell you what the work is about to find out.
        {standing.opening.contact && <> Outside of this page: {standing.opening.contact}</>}
      </p>
      <Button quiet busy={busy || !text.trim()} does={() => run(ask)}>
        Ask
      </Button>
      <Wrong words={wrong} />
    </section>
  );
}

export function decision(model: Tools['model']): string {
  return day(model.standing!.opening.decision);
}
