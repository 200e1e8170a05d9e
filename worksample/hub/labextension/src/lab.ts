/** What the panel does in JupyterLab: save, open, look whether a kernel answers, see trouble. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { type INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { Refused } from './desk';

const KERNEL_SECONDS = 90;

export class Lab {
  private held = false;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly documents: IDocumentManager,
    private readonly notebooks: INotebookTracker,
    private readonly makeRoom: () => void
  ) {}

  /**
   * Save everything that is open below a folder.
   *
   * @throws Refused something could not be saved.
   */
  async saveAll(folder: string): Promise<void> {
    for (const widget of this.app.shell.widgets('main')) {
      const context = this.documents.contextForWidget(widget);
      if (!context || !context.path.startsWith(`${folder}/`) || !context.model.dirty) {
        continue;
      }
      let failed = false; // a cell that is running makes it dirty again at once
      const see = (_: unknown, state: string): void => {
        failed = state === 'failed';
      };
      context.saveState.connect(see);
      try {
        await context.save();
      } catch {
        failed = true; // JupyterLab has told why in a dialog
      } finally {
        context.saveState.disconnect(see);
      }
      if (failed) {
        throw new Refused(
          `${context.path} could not be saved, so nothing was handed in. Save it ` +
            '(Ctrl+S, on a Mac ⌘S), read what JupyterLab says, and hand in again.'
        );
      }
    }
  }

  /** Whether what is open is saved by itself; a dialog for each try that fails is in the way. */
  saveByItself(on: boolean): void {
    if (!on && this.documents.autosave) {
      this.documents.autosave = false;
      this.held = true;
    } else if (on && this.held) {
      this.documents.autosave = true;
      this.held = false;
    }
  }

  /** Open a notebook, in all the room of a narrow window. */
  open(path: string): void {
    this.documents.openOrReveal(path);
    this.makeRoom();
  }

  /**
   * Start a kernel, wait until it answers, and end it; nothing is run in it.
   *
   * @throws Refused it does not answer.
   */
  async kernelAnswers(): Promise<void> {
    const { kernels, kernelspecs } = this.app.serviceManager;
    let patience: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<never>((_, failed) => {
      patience = setTimeout(() => failed(new Error('too long')), KERNEL_SECONDS * 1000);
    });
    try {
      await kernelspecs.ready;
      const name = kernelspecs.specs?.default ?? 'python3';
      const kernel = await Promise.race([kernels.startNew({ name }), tooLong]);
      try {
        await Promise.race([kernel.info, tooLong]);
      } finally {
        await Promise.race([kernel.shutdown(), tooLong]).catch(() => undefined);
        kernel.dispose();
      }
    } catch {
      throw new Refused(
        'No kernel answered, so your clock has not been started: no time of yours has passed. ' +
          'Try it again; if that does not help, tell the team.'
      );
    } finally {
      clearTimeout(patience);
    }
  }

  async restartKernel(path: string): Promise<void> {
    const found = this.notebooks.find(each => each.context.path === path);
    await found?.sessionContext.restartKernel();
  }

  /** Tell of every notebook whose kernel ends or runs a cell, and of what cannot be saved. */
  watch(told: {
    kernel: (path: string, restarted: boolean) => void;
    ran: (path: string) => void;
    notSaved: (path: string) => void;
    saved: (path: string) => void;
  }): void {
    const add = (_: unknown, panel: NotebookPanel): void => {
      panel.sessionContext.statusChanged.connect((_, status) => {
        if (status === 'dead' || status === 'autorestarting') {
          told.kernel(panel.context.path, status === 'autorestarting');
        }
      });
      panel.context.saveState.connect((_, state) => {
        if (state === 'failed') {
          told.notSaved(panel.context.path);
        } else if (state !== 'started') {
          told.saved(panel.context.path);
        }
      });
    };
    NotebookActions.executed.connect((_, { notebook, success }) => {
      const found = this.notebooks.find(each => each.content === notebook);
      if (success && found) {
        told.ran(found.context.path);
      }
    });
    this.notebooks.forEach(each => add(undefined, each));
    this.notebooks.widgetAdded.connect(add);
  }
}
