// The list of events, newest first, and the frames that go with them.

import { clock, duration, endReason, label, make, percent } from './words.js';

const kept = 60;

export class Events {
  #list = document.getElementById('event-list');
  #quiet = document.getElementById('quiet');
  #open = document.getElementById('open');
  #said = document.getElementById('said');
  #dialog = document.getElementById('snapshots');
  #rows = new Map();
  #names;

  /** @param names gives a camera's name for its key */
  constructor(names) {
    this.#names = names;
    this.#dialog.addEventListener('click', click => { if (click.target === this.#dialog) this.#dialog.close(); });
    setInterval(() => this.#tick(), 1000);
  }

  /** Begins anew with what the service remembers, oldest first. */
  begin(events) {
    this.#rows.clear();
    this.#list.replaceChildren();
    events.forEach(event => this.#show(event));
    this.#count();
  }

  /** A start, an update, an end. */
  take(event) {
    const isNew = !this.#rows.has(event.id);
    this.#show(event);
    this.#count();
    if (isNew && event.type === 'start') {
      this.#said.textContent = `${label(event.label)} on ${this.#names(event.camera)}, started ${clock(event.start)}`;
    } else if (event.type === 'end') {
      this.#said.textContent = `${label(event.label)} on ${this.#names(event.camera)} ended after ${duration(event.duration)}`;
    }
  }

  /** The frames of an event are there, or better ones. */
  takeSnapshot(event) {
    this.#show(event);
  }

  #show(event) {
    let row = this.#rows.get(event.id);
    if (!row) {
      row = { element: make('li'), button: make('button', 'event') };
      row.button.type = 'button';
      row.button.append(make('span', 'thumb'), make('strong'), make('span', 'where'), make('span', 'when'), make('span', 'peak'));
      row.button.addEventListener('click', () => this.#enlarge(row.event));
      row.element.append(row.button);
      this.#list.prepend(row.element);
      this.#rows.set(event.id, row);
      while (this.#list.children.length > kept) this.#forget(this.#list.lastChild);
    }
    row.event = event;
    row.element.dataset.event = event.id;
    const [thumb, what, where, , peak] = row.button.children;
    what.textContent = label(event.label);
    where.textContent = this.#names(event.camera);
    peak.textContent = percent(event.top_score);
    peak.title = 'highest score';
    row.element.classList.toggle('is-open', event.type !== 'end');
    row.button.disabled = !event.snapshot_url && !event.contact_sheet_url;
    if (event.snapshot_url) {
      // The frame is renewed when a better one comes, under the same name.
      const image = thumb.firstChild ?? thumb.appendChild(Object.assign(make('img'), { alt: '', loading: 'lazy' }));
      const address = `${event.snapshot_url}?${event.time}`;
      if (image.getAttribute('src') !== address) image.src = address;
    }
    this.#when(row);
  }

  #when({ event, button }) {
    const seconds = event.type === 'end' ? event.duration : Math.max(event.duration, (Date.now() - event.start) / 1000);
    const why = event.type === 'end' ? endReason(event.reason) : '';
    button.children[3].textContent = `${clock(event.start)} · ${event.type === 'end' ? '' : 'for '}${duration(seconds)}${why ? ` · ${why}` : ''}`;
  }

  #tick() {
    for (const row of this.#rows.values()) {
      if (row.event.type !== 'end') this.#when(row);
    }
  }

  #count() {
    const open = [...this.#rows.values()].filter(row => row.event.type !== 'end').length;
    this.#open.textContent = `${open} going on`;
    this.#open.hidden = open === 0;
    this.#quiet.hidden = this.#rows.size > 0;
  }

  #forget(element) {
    this.#rows.delete(element.dataset.event);
    element.remove();
  }

  #enlarge(event) {
    document.getElementById('snapshots-title').textContent = `${label(event.label)}, ${this.#names(event.camera)}`;
    document.getElementById('snapshots-text').textContent =
      `${clock(event.start)}, ${duration(event.duration)}, highest score ${percent(event.top_score)}. `
      + (event.contact_sheet_url ? 'The frames that the model looked at, at the peak, row by row.' : 'The snapshot at its peak.');
    const image = document.getElementById('snapshots-image');
    image.src = `${event.contact_sheet_url ?? event.snapshot_url}?${event.time}`;
    image.alt = `${label(event.label)} on ${this.#names(event.camera)}`;
    this.#dialog.showModal();
  }
}
