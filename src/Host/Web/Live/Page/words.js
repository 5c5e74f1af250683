// What the page says in words: states, reasons, times.

const reasons = {
  auth: 'wrong user or password', timeout: 'no answer', refused: 'connection refused', unreachable: 'not reachable',
  redirected: 'leads to another host',
  not_found: 'no such stream', codec: 'unknown format', stalled: 'silent', ended: 'the stream ended', broken: 'connection broken',
  no_ffmpeg: 'ffmpeg is missing', too_large: 'frames too large', memory: 'needs too much memory',
  host_limit: 'this machine is at its limit', internal: 'an error of this program', low_density: 'too few frames', frozen: 'frame frozen', dark: 'too dark to see',
  clock_drift: 'its clock runs away', no_key_frame: 'waiting for a key frame',
  corrupt: 'damaged frames', load_shed: 'decides less often: the machine is busy', paused: 'paused: the machine is busy',
  no_model: 'not looked at: the model fails',
};

const ends = {
  score: '', stream_lost: 'camera lost', video_lost: 'video lost', stopped: 'service stopped', load_shed: 'camera paused',
  model_changed: 'another model', model_lost: 'the model failed',
};

const wakes = {
  change: 'something that had changed', event: 'an event', command: 'a command', watched: 'somebody who watched', zone: 'a zone',
  onvif: 'the camera', learning: 'a new connection', unreadable: 'a stream that cannot be read', untrusted: 'a stream that tells too little',
  configured: 'its configuration',
};

export const stages = ['capture', 'window', 'queue', 'infer', 'post', 'publish'];

export const reason = word => (word ? reasons[word] ?? word.replaceAll('_', ' ') : '');

export const endReason = word => (word ? ends[word] ?? word.replaceAll('_', ' ') : '');

export const wakeReasons = words => words.map(word => wakes[word] ?? word).join(' and ');

export const label = name => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

export const percent = score => `${Math.round(score * 100)} %`;

export const clock = ms => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export function duration(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round(seconds % 3600 / 60)} min`;
}

/** An element in one line. */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}
