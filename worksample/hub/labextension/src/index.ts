/** The candidate's screen, in the right side of a hosted JupyterLab. */
import {
  IConnectionLost,
  type ILabShell,
  ILabShell as LabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Sanitizer } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';

import { Announcer } from './announcer';
import { Desk } from './desk';
import { Lab } from './lab';
import { Model } from './model';
import { KEYS, Panel } from './panel';

const COMMAND = 'worksample:panel';
const NARROW = 900; // CSS pixels: beside the panel there is room for one more thing

const plugin: JupyterFrontEndPlugin<void> = {
  id: '@worksample/panel:plugin',
  description: 'Notice, clock, tasks, hand in and receipt of a work sample.',
  autoStart: true,
  requires: [LabShell, IDocumentManager, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    shell: ILabShell,
    documents: IDocumentManager,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null
  ): void => {
    const desk = new Desk(app.serviceManager.serverSettings);
    // a window becomes narrow too when it is enlarged to 200 %
    const isNarrow = (): boolean => window.innerWidth < NARROW;
    const lab = new Lab(app, documents, notebooks, () => isNarrow() && shell.collapseRight());
    const announcer = new Announcer();
    const model = new Model(
      desk,
      words => announcer.say(words),
      () => !panel.isVisible && shell.activateById(panel.id)
    );
    lab.watch({
      kernel: (path, restarted) => model.kernelEnded(path, restarted),
      ran: path => model.kernelSeen(path),
      notSaved: path => model.saving(path, true),
      saved: path => model.saving(path, false)
    });
    const panel = new Panel(model, desk, lab, new Sanitizer());
    app.shell.add(panel, 'right', { rank: 1 });
    app.commands.addCommand(COMMAND, {
      label: 'Go to your work panel',
      execute: () => {
        shell.activateById(panel.id);
        panel.focusFirst();
      }
    });
    app.commands.addKeyBinding({ command: COMMAND, keys: [KEYS], selector: 'body' });
    palette?.addItem({ command: COMMAND, category: 'Work sample' });
    model.changed.connect(() => lab.saveByItself(model.connection !== 'lost'));
    window.addEventListener('offline', () => void model.refresh());
    window.addEventListener('focus', () => void model.refresh());
    window.addEventListener('online', () => void model.refresh());
    void app.restored.then(() => {
      let narrow = false;
      const makeRoom = (): void => {
        if (isNarrow() && !narrow) {
          shell.collapseLeft();
        }
        narrow = isNarrow();
      };
      makeRoom();
      window.addEventListener('resize', makeRoom);
      shell.activateById(panel.id);
    });
  }
};

/** In place of a dialog that would have to be closed before one can go on: the panel says it. */
const connectionLost: JupyterFrontEndPlugin<IConnectionLost> = {
  id: '@worksample/panel:connection-lost',
  description: 'Leaves it to the panel to say that the connection is lost.',
  autoStart: true,
  provides: IConnectionLost,
  activate: () => () => Promise.resolve()
};

export default [plugin, connectionLost];
