// One camera: its frame, its state, its scores, where its time goes.

import { paint } from './attention.js';
import { clock, duration, label, make, percent, reason, stages, wakeReasons } from './words.js';

const historySeconds = 60;

export class Tile {
  #camera;
  #maps = null;
  #choice = 0;
  #history = [];
  #latency = null;
  #busy = false;
  #said = 0;

  constructor(camera) {
    this.element = make('article', 'tile');
    this.element.tabIndex = 0;
    this.element.dataset.camera = camera.key;

    const head = make('header');
    this.name = make('h2');
    this.state = make('p', 'state');
    this.fps = make('span', 'fps');
    head.append(this.name, this.state, this.fps);

    this.view = make('div', 'view');
    this.frame = make('canvas', 'frame');
    this.frame.setAttribute('role', 'img');
    this.attention = make('canvas', 'attention');
    this.attention.hidden = true;
    this.attention.setAttribute('aria-hidden', 'true');
    this.notice = make('p', 'notice');
    this.detected = make('p', 'detected');
    this.view.append(this.frame, this.attention, this.notice, this.detected);

    this.scores = make('ul', 'scores');
    this.scores.setAttribute('aria-label', 'Scores');
    this.trace = make('canvas', 'trace');
    this.trace.setAttribute('aria-hidden', 'true');

    this.time = make('div', 'time');
    this.bar = make('div', 'stages');
    this.bar.setAttribute('role', 'img');
    this.parts = stages.map(stage => {
      const part = make('span', stage);
      this.bar.append(part);
      return part;
    });
    this.total = make('span', 'total', '–');
    this.time.append(make('span', 'muted', 'latency'), this.bar, this.total);

    this.element.append(head, this.view, this.trace, this.scores, this.time);
    this.show(camera);
  }

  get key() {
    return this.#camera.key;
  }

  /** The camera's name, threshold and state. */
  show(camera) {
    this.#camera = camera;
    const why = reason(camera.reason);
    this.name.textContent = camera.name;
    const woken = camera.woken_by.length > 0 ? `last woken by ${wakeReasons(camera.woken_by)}` : '';
    const state = camera.asleep ? `asleep since ${clock(camera.sleep_since)}` : camera.state;
    this.state.textContent = why ? `${state}: ${why}` : state;
    this.state.title = [this.state.textContent, woken].filter(text => text).join(', ');
    this.element.dataset.state = camera.state;
    this.element.dataset.asleep = camera.asleep;
    this.fps.textContent = camera.fps > 0 ? `${camera.fps.toFixed(1)} fps` : '';
    const isSeeing = camera.state === 'online' || camera.state === 'degraded';
    if (isSeeing) this.notice.textContent = camera.asleep ? `Asleep since ${clock(camera.sleep_since)}: nothing happens here${woken ? `\n${woken}` : ''}` : '';
    else this.notice.textContent = `${camera.state === 'connecting' ? 'Connecting…' : label(camera.state)}${why ? `: ${why}` : ''}\nsince ${clock(camera.since)}`;
    this.frame.setAttribute('aria-label', `Live view of ${camera.name}`);
    this.element.setAttribute('aria-label', `${camera.name}, ${this.state.textContent}`);
    if (!isSeeing) this.#detect([]);
  }

  /** Paints a frame; one that comes while another is being decoded is left out. */
  async take(blob) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const image = await createImageBitmap(blob);
      if (this.frame.width !== image.width || this.frame.height !== image.height) {
        [this.frame.width, this.frame.height] = [image.width, image.height];
      }
      this.frame.getContext('2d').drawImage(image, 0, 0);
      image.close();
      if (this.#choice === 0) this.#maps = null; // of an older frame
      paint(this.attention, this.#maps, this.#choice);
      this.element.dataset.frames = Number(this.element.dataset.frames ?? 0) + 1;
    } finally {
      this.#busy = false;
    }
  }

  takeAttention(maps) {
    this.#maps = maps;
  }

  choose(choice) {
    this.#choice = choice;
    paint(this.attention, this.#maps, choice);
  }

  /** The rolling answer of one decision. */
  decide(scores) {
    scores.top.forEach((score, place) => this.#bar(place, score, scores.detected.includes(score.label)));
    while (this.scores.children.length > scores.top.length) this.scores.lastChild.remove();
    this.#detect(scores.detected);
    this.#history.push({ at: scores.time, score: scores.top[0]?.score ?? 0, isDetected: scores.detected.length > 0 });
    while (this.#history[0].at < scores.time - historySeconds * 1000) this.#history.shift();
    this.#paintTrace(scores.time);
    this.#showTimes(scores.latency);
  }

  #detect(labels) {
    const text = labels.join();
    if (this.detected.dataset.labels !== text) {
      this.detected.dataset.labels = text;
      this.detected.replaceChildren(...labels.slice(0, 3).map(name => make('span', '', label(name))));
      if (labels.length > 3) this.detected.append(make('span', '', `+${labels.length - 3}`));
    }
    this.element.classList.toggle('is-detected', labels.length > 0);
  }

  #bar(place, { label: name, score }, isDetected) {
    let row = this.scores.children[place];
    if (!row) {
      row = make('li');
      const track = make('span', 'track');
      track.append(make('span', 'fill'), make('span', 'mark'));
      row.append(make('span', 'name'), track, make('span', 'number'));
      this.scores.append(row);
    }
    const [text, track, number] = row.children;
    if (text.textContent !== label(name)) text.textContent = label(name);
    track.firstChild.style.transform = `scaleX(${score})`;
    const enter = this.#camera.thresholds[name]; // none for a class that makes no events
    track.lastChild.hidden = enter === undefined;
    track.lastChild.style.left = `${(enter ?? 0) * 100}%`;
    number.textContent = percent(score);
    row.classList.toggle('is-detected', isDetected);
  }

  #paintTrace(now) {
    const scale = devicePixelRatio || 1;
    const [width, height] = [this.trace.clientWidth * scale, this.trace.clientHeight * scale];
    if (this.trace.width !== Math.round(width)) [this.trace.width, this.trace.height] = [Math.round(width), Math.round(height)];
    const brush = this.trace.getContext('2d');
    const style = getComputedStyle(this.trace);
    const x = at => width * (1 - (now - at) / (historySeconds * 1000));
    const y = score => height - 1 - score * (height - 3);
    brush.clearRect(0, 0, width, height);
    brush.lineWidth = 1.5 * scale;
    this.#history.forEach((point, i) => {
      const next = this.#history[i + 1] ?? { at: now, score: point.score };
      brush.fillStyle = point.isDetected ? style.getPropertyValue('--hot-soft') : style.getPropertyValue('--cool-soft');
      brush.fillRect(x(point.at), y(point.score), Math.max(1, x(next.at) - x(point.at)) + 0.5, height);
      brush.fillStyle = point.isDetected ? style.getPropertyValue('--hot') : style.getPropertyValue('--cool');
      brush.fillRect(x(point.at), y(point.score), Math.max(1, x(next.at) - x(point.at)) + 0.5, 1.5 * scale);
    });
    brush.setLineDash([2 * scale, 4 * scale]);
    brush.strokeStyle = style.getPropertyValue('--line');
    brush.lineWidth = scale;
    brush.beginPath();
    brush.moveTo(0, y(this.#camera.enter));
    brush.lineTo(width, y(this.#camera.enter));
    brush.stroke();
  }

  // Smoothed, so that it can be read.
  #showTimes(latency) {
    this.#latency = this.#latency?.map((old, i) => old + 0.2 * (latency[i] - old)) ?? latency;
    const total = this.#latency.reduce((sum, part) => sum + part, 0);
    this.parts.forEach((part, i) => { part.style.flexGrow = this.#latency[i] / Math.max(total, 0.01); });
    const now = performance.now();
    if (now - this.#said < 500) return;
    this.#said = now;
    this.total.textContent = total < 10 ? `${total.toFixed(1)} ms` : total < 1000 ? `${Math.round(total)} ms` : duration(total / 1000);
    const text = stages.map((stage, i) => `${stage} ${this.#latency[i].toFixed(1)} ms`).join(', ');
    this.bar.setAttribute('aria-label', `Latency ${this.total.textContent}: ${text}`);
    this.bar.title = text;
  }
}
