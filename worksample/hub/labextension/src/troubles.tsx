/** What went wrong, and what to do: nothing of it is only a colour, and all of it is words. */
import * as React from 'react';

import { hour } from './clock';
import type { Tools } from './panel';
import { Button } from './parts';

const MB = 2 ** 20;

export function Troubles(tools: Tools): React.JSX.Element {
  const { model } = tools;
  return (
    <div className="worksample-troubles">
      <Connection {...tools} />
      <NotSaved {...tools} />
      <Room {...tools} />
      {[...model.ended].map(([path, restarted]) => (
        <Kernel key={path} path={path} restarted={restarted} {...tools} />
      ))}
    </div>
  );
}

function Trouble(props: { title: string; children: React.ReactNode }): React.JSX.Element {
  return (
    <section className="worksample-trouble" aria-label={props.title}>
      <p>
        <strong>
          <span aria-hidden="true">⚠ </span>
          {props.title}
        </strong>
      </p>
      {props.children}
    </section>
  );
}

function Connection({ model }: Tools): React.JSX.Element | null {
  const since = hour(new Date(model.since).toISOString());
  const standing = model.standing;
  const over = standing?.attempts.length && standing.attempts.every(each => each.state === 'over');
  if (model.connection === 'lost' && over) {
    return (
      <Trouble title="Your workspace is closed">
        <p>
          Your time is over, and what was saved is handed in.{' '}
          {standing.pages && <a href={standing.pages}>Your page</a>} says how it goes on.
        </p>
      </Trouble>
    );
  }
  if (model.connection === 'lost') {
    return (
      <Trouble title={`The connection is lost, since ${since}`}>
        <p>
          Your browser does not reach your workspace. Leave this page open: what you type stays in
          it, and it connects again by itself. Your clock is kept by the team’s service and goes
          on; what was saved before is safe, and is handed in at the end.
        </p>
        <p>
          If it lasts for minutes: keep a copy of what you typed since, and reload this page. A
          workspace that has ended is started again then, with your files as they were saved.
        </p>
      </Trouble>
    );
  }
  if (model.connection === 'silent') {
    return (
      <Trouble title={`The team’s service does not answer, since ${since}`}>
        <p>
          Go on: your notebook and its kernel work as before, and what you save is kept. The time
          that is shown here is from before. It is asked again by itself; hand in once this message
          is gone.
        </p>
      </Trouble>
    );
  }
  return null;
}

function NotSaved({ model }: Tools): React.JSX.Element | null {
  if (!model.notSaved.size) {
    return null;
  }
  return (
    <Trouble title={`Not saved: ${[...model.notSaved].join(', ')}`}>
      <p>
        What you changed stands on this page only. Leave it open and save again (Ctrl+S, on a Mac
        ⌘S). If the disk is full, delete files that you do not need first: in the list of files, or
        from a cell. This message goes once it is saved.
      </p>
    </Trouble>
  );
}

function Room({ model }: Tools): React.JSX.Element | null {
  const room = model.work?.room;
  if (!room || !model.full) {
    return null;
  }
  if (model.full === 'disk') {
    return (
      <Trouble title="The disk of the service is nearly full">
        <p>This is the team’s to mend: write to them, below. Save often until then.</p>
      </Trouble>
    );
  }
  return (
    <Trouble title="Your files take nearly all the room there is">
      <p>
        {Math.ceil(room.used / MB)} of {Math.floor(room.allowed! / MB)} MB. Delete what can be made
        again, in the list of files or from a cell. Beyond it your kernels are ended; your notebook
        stays as it was saved.
      </p>
    </Trouble>
  );
}

function Kernel(props: Tools & { path: string; restarted: boolean }): React.JSX.Element {
  const { model, lab, path } = props;
  const close = (): void => {
    model.ended.delete(path);
    model.say();
  };
  return (
    <Trouble title={`The kernel of ${path.split('/').pop()} ended`}>
      <p>
        {model.work?.note ||
          'Most often it took more memory than there is. Your notebook is as you saved it; the ' +
            'variables are gone.'}
      </p>
      <p>
        {props.restarted
          ? 'A new kernel was started. Run your cells from the top, and use less at a time.'
          : 'Start it again, then run your cells from the top, and use less at a time.'}
      </p>
      {!props.restarted && (
        <Button
          quiet
          does={() => {
            void lab.restartKernel(path).then(close);
          }}
        >
          Start the kernel again
        </Button>
      )}
      <Button quiet does={close}>
        I have read this
      </Button>
    </Trouble>
  );
}
