// The live page: listens to the service, keeps a tile per camera, asks only for frames that can be seen.

import { Events } from './events.js';
import { all, off } from './attention.js';
import { PictureStream } from './stream.js';
import { Tile } from './tile.js';
import { make } from './words.js';

const page = name => document.getElementById(name);
const tiles = new Map();
const inSight = new Set();
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const events = new Events(key => tiles.get(key)?.name.textContent ?? key);
const lastShown = new Map();
let choice = off;
let isPaused = false;

const stream = new PictureStream(
  (camera, jpeg, time) => {
    // Whoever asked for less motion gets a frame a second.
    if (calm.matches && time - (lastShown.get(camera) ?? 0) < 1000) return;
    lastShown.set(camera, time);
    tiles.get(camera)?.take(jpeg);
  },
  (camera, maps) => tiles.get(camera)?.takeAttention(maps));

const sight = new IntersectionObserver(changes => {
  for (const { target, isIntersecting } of changes) {
    if (isIntersecting) inSight.add(target.dataset.camera);
    else inSight.delete(target.dataset.camera);
  }
  ask();
}, { rootMargin: '80px' });

function ask() {
  const cameras = isPaused || document.hidden ? [] : [...tiles.keys()].filter(key => inSight.has(key));
  stream.show(cameras, choice !== off);
}

function begin(hello) {
  page('node').textContent = `${hello.node} · ${hello.zone}`;
  page('node').title = `Schedules go by ${hello.zone}`;
  document.title = `${hello.node} · ActionStream`;
  const { model } = hello;
  page('model').replaceChildren();
  if (model) {
    page('model').append(make('span', 'muted', `${model.name} on ${model.device}`));
    if (!model.trained) page('model').append(make('span', 'badge', 'untrained'));
  }
  offerAttention(model?.tokens ?? 0);
  showCameras(hello.cameras);
  events.begin(hello.events);
  page('waiting').hidden = tiles.size > 0;
}

function showCameras(cameras) {
  const keys = new Set(cameras.map(camera => camera.key));
  for (const [key, tile] of tiles) {
    if (keys.has(key)) continue;
    sight.unobserve(tile.element);
    tile.element.remove();
    tiles.delete(key);
    inSight.delete(key);
  }
  for (const camera of cameras) {
    if (tiles.has(camera.key)) {
      tiles.get(camera.key).show(camera);
      continue;
    }
    const tile = new Tile(camera);
    tile.choose(choice);
    tiles.set(camera.key, tile);
    page('cameras').append(tile.element);
    tile.element.addEventListener('dblclick', () => enlarge(tile));
    sight.observe(tile.element);
  }
  page('cameras').dataset.count = tiles.size;
  ask();
}

function offerAttention(tokens) {
  const choices = page('attention');
  choices.hidden = tokens === 0;
  if (tokens === 0 || choices.dataset.tokens === String(tokens)) return;
  choices.dataset.tokens = tokens;
  choices.querySelectorAll('label').forEach(old => old.remove());
  const offered = [[off, 'off'], ...Array.from({ length: Math.min(tokens, 8) }, (_, i) => [i + 1, String(i + 1)]), [all, 'all']];
  for (const [value, text] of offered) {
    const box = make('label');
    const radio = Object.assign(make('input'), { type: 'radio', name: 'attention', value, checked: value === choice });
    radio.addEventListener('change', () => choose(value));
    box.append(radio, make('span', '', text));
    choices.append(box);
  }
}

function choose(value) {
  const radio = page('attention').querySelector(`input[value="${value}"]`);
  if (!radio) return;
  radio.checked = true;
  choice = value;
  tiles.forEach(tile => tile.choose(choice));
  ask();
}

function pause() {
  isPaused = !isPaused;
  page('pause').setAttribute('aria-pressed', isPaused);
  page('pause').textContent = isPaused ? 'Go on' : 'Pause';
  ask();
}

function enlarge(tile) {
  const isLarge = tile.element.classList.toggle('is-large');
  tiles.forEach(other => { if (other !== tile) other.element.classList.remove('is-large'); });
  if (isLarge) tile.element.scrollIntoView({ block: 'nearest' });
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  page('theme').textContent = name === 'dark' ? 'Light' : 'Dark';
}

function switchTheme() {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', next);
  theme(next);
}

document.addEventListener('keydown', press => {
  if (press.ctrlKey || press.metaKey || press.altKey || page('snapshots').open) return;
  if (press.key >= '0' && press.key <= '9') choose(Number(press.key));
  else if (press.key === 'p') pause();
  else if (press.key === 't') switchTheme();
  else if (press.key === 'Enter' && press.target.classList?.contains('tile')) enlarge(tiles.get(press.target.dataset.camera));
  else if (press.key === 'Escape') tiles.forEach(tile => tile.element.classList.remove('is-large'));
});
document.addEventListener('visibilitychange', ask);
page('pause').addEventListener('click', pause);
page('theme').addEventListener('click', switchTheme);
theme(localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'));

function connect() {
  const feed = new EventSource('/live/feed');
  const listen = (name, take) => feed.addEventListener(name, message => take(JSON.parse(message.data)));
  listen('hello', begin);
  listen('status', status => tiles.get(status.key)?.show(status));
  listen('scores', scores => tiles.get(scores.camera)?.decide(scores));
  listen('event', event => events.take(event));
  listen('snapshot', event => events.takeSnapshot(event));
  feed.addEventListener('open', () => { page('broken').hidden = true; });
  feed.addEventListener('error', () => {
    page('broken').hidden = false;
    if (feed.readyState === EventSource.CLOSED) setTimeout(connect, 3000); // it was refused, and does not try again by itself
  });
}

connect();
