/** The panel as a widget, and what it is made of from top to bottom. */
import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { AttemptCard } from './attempt';
import { day } from './clock';
import type { Desk } from './desk';
import type { Lab } from './lab';
import type { Model } from './model';
import { InstalledList, NoticeText, QuestionsSection, WarmUp } from './parts';
import { Troubles } from './troubles';

export const KEYS = 'Alt Shift P';

const icon = new LabIcon({
  name: 'worksample:panel',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">' +
    '<path class="jp-icon3" fill="#616161" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 ' +
    '1 1 0 16 8 8 0 0 1 0-16zm-1 3v6l5 3 1-1.7-4-2.3V7z"/></svg>'
});

/** What every part needs. */
export interface Tools {
  model: Model;
  desk: Desk;
  lab: Lab;
  sanitizer: { sanitize(html: string): string };
}

export class Panel extends ReactWidget {
  constructor(
    private readonly model: Model,
    private readonly desk: Desk,
    private readonly lab: Lab,
    private readonly sanitizer: { sanitize(html: string): string }
  ) {
    super();
    this.id = 'worksample-panel';
    this.title.icon = icon;
    this.title.caption = 'Your work: time, tasks, hand in';
    this.addClass('worksample-panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Your work');
  }

  focusFirst(): void {
    this.node.querySelector<HTMLElement>('h2')?.focus();
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this.model.changed}>
        {() => (
          <Everything
            model={this.model}
            desk={this.desk}
            lab={this.lab}
            sanitizer={this.sanitizer}
          />
        )}
      </UseSignal>
    );
  }
}

function Everything(tools: Tools): React.JSX.Element {
  const { model } = tools;
  const standing = model.standing;
  if (!standing) {
    return (
      <>
        <h2 tabIndex={-1}>Your work</h2>
        <Troubles {...tools} />
        <p>Asking how you stand …</p>
      </>
    );
  }
  const begun = standing.attempts.some(each => each.started);
  const choice = standing.attempts.length > 1 && !begun;
  return (
    <>
      <h2 tabIndex={-1}>{standing.opening.title}</h2>
      <p>
        You are <strong>{standing.candidate}</strong> here. You are told the decision by{' '}
        {day(standing.opening.decision)}.
      </p>
      <Troubles {...tools} />
      {!standing.notice.accepted && <NoticeText {...tools} />}
      {!begun && <WarmUp {...tools} />}
      {choice && <p>Choose one of these. When you have started one, the others close.</p>}
      {[...standing.attempts].reverse().map(each => (
        <AttemptCard key={each.assignment} attempt={each} {...tools} />
      ))}
      {!standing.attempts.length && (
        <p>There is nothing here yet. Ask the team if that is wrong.</p>
      )}
      <QuestionsSection {...tools} />
      <InstalledList {...tools} />
      {standing.notice.accepted && <NoticeText {...tools} />}
      <p className="worksample-small">
        To this panel from anywhere: {KEYS.split(' ').join('+')}.
        {standing.pages && (
          <>
            {' '}
            Without JupyterLab:{' '}
            <a href={standing.pages} target="_blank" rel="noopener noreferrer">
              the same as plain pages (opens a new tab)
            </a>
            .
          </>
        )}
      </p>
    </>
  );
}
