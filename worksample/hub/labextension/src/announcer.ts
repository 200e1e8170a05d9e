/** A polite voice for screen readers, outside of the panel: it is heard while that is closed. */
export class Announcer {
  private readonly node = document.createElement('div');

  constructor() {
    this.node.className = 'worksample-spoken';
    this.node.setAttribute('role', 'status');
    this.node.setAttribute('aria-live', 'polite');
    document.body.append(this.node);
  }

  say(words: string): void {
    this.node.textContent = '';
    // a change is what is read, so the same words twice are two changes
    setTimeout(() => (this.node.textContent = words), 100);
  }
}
