// Paints where the model's tokens look: one map as a spotlight, all of them in colours. A pixel per cell, then smoothed.

export const off = 0;
export const all = 9;

const fineness = 16;

const colours = [
  [255, 99, 99], [255, 178, 62], [244, 232, 84], [96, 220, 120], [74, 208, 214], [88, 150, 255], [176, 124, 255], [255, 120, 206],
];

/** @param choice 1 to 8 for one map, `all`, or `off` */
export function paint(canvas, maps, choice) {
  const isShown = maps !== null && choice !== off && (choice === all || choice <= maps.tokens);
  canvas.hidden = !isShown;
  if (!isShown) return;
  const small = new OffscreenCanvas(maps.width, maps.height);
  const cellBrush = small.getContext('2d');
  const image = cellBrush.createImageData(maps.width, maps.height);
  const cells = maps.width * maps.height;
  const map = choice === all ? null : maps.values.subarray((choice - 1) * cells, choice * cells);
  const mean = map?.reduce((sum, value) => sum + value, 0) / cells;
  for (let cell = 0; cell < cells; cell++) {
    image.data.set(choice === all ? brightest(maps, cells, cell) : spotlight(map[cell], mean), cell * 4);
  }
  cellBrush.putImageData(image, 0, 0);
  [canvas.width, canvas.height] = [maps.width * fineness, maps.height * fineness];
  const brush = canvas.getContext('2d');
  brush.imageSmoothingQuality = 'high';
  brush.drawImage(small, 0, 0, canvas.width, canvas.height);
}

// Darker the less it looks there, warmer the more; untouched where it looks as much as on average.
function spotlight(value, mean) {
  return value < mean ? [6, 10, 18, Math.min(175, 320 * (1 - value / mean))] : [255, 168, 38, 150 * (value - mean) / Math.max(1, 255 - mean)];
}

function brightest(maps, cells, cell) {
  let best = 0;
  let token = 0;
  for (let i = 0; i < maps.tokens; i++) {
    const value = maps.values[i * cells + cell];
    if (value > best) [best, token] = [value, i];
  }
  return [...colours[token % colours.length], 30 + 170 * best / 255];
}
