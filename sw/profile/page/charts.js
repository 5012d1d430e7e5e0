'use strict';
// What every part of the page uses: the profile, numbers, colours, tips; and the charts of layers.
const profile = JSON.parse(document.getElementById('profile').textContent);
const { report, machine, engines, layers, timeline } = profile;

const ACTIVITIES = ['busy', 'source', 'sink', 'operand', 'latency', 'wait', 'idle'];
const ACTIVITY_WORDS = ['busy', 'waits for what it reads', 'waits for where it writes', 'waits for weights, parameters or addresses',
  'starts or ends', 'waits for semaphores', 'idle'];
const LAYER_COLORS = ['#5b8def', '#f0984a', '#3fb37f', '#c274e4', '#ddb13a', '#2fb0c6', '#ec6d8d', '#86a53c',
  '#8c7cf0', '#d58459', '#46a99a', '#b5809c'];
const HOLDING_WORDS = ['input of', 'output of', 'output of'];
const HOLDING_NOTES = ['staged from DRAM', 'on its way to DRAM', 'stays on chip for later layers'];

const whole = (value) => Math.round(value).toLocaleString('en-US');
const percent = (value) => (100 * value).toFixed(1) + ' %';
const fixed = (value) => value.toFixed(1);
const FORMATS = { whole, percent, fixed };
const colorOf = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const layerColor = (index) => LAYER_COLORS[index % LAYER_COLORS.length];

function bytes(value) {
  if (value < 10000) return whole(value) + ' B';
  if (value < 1024 * 10000) return (value / 1024).toFixed(1) + ' KiB';
  return (value / 1024 / 1024).toFixed(1) + ' MiB';
}

function at(path) {
  return path.split('.').reduce((node, key) => node[key], profile);
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// A number of the profile as text. It says where it comes from, so that a test can hold it against that.
function number(path, format) {
  return element('span', { 'data-path': path, 'data-format': format }, FORMATS[format](at(path)));
}

const tip = document.getElementById('tip');
function showTip(event, ...content) {
  tip.replaceChildren(...content);
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(8, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + 'px';
  tip.style.top = (event.clientY + 18 + box.height > innerHeight ? event.clientY - box.height - 12 : event.clientY + 18) + 'px';
}
function hideTip() { tip.hidden = true; }
function withTip(node, content) {
  node.addEventListener('mousemove', (event) => showTip(event, ...content()));
  node.addEventListener('mouseleave', hideTip);
  return node;
}
// Lines of a tip: a heading, then pairs of words and values.
function lines(heading, pairs) {
  const table = element('table');
  for (const [words, value] of pairs) table.append(element('tr', {}, element('td', {}, words), element('td', {}, String(value))));
  return [element('b', {}, heading), table];
}

function legend(id, entries) {
  document.getElementById(id).replaceChildren(...entries.map(([background, words]) =>
    element('span', {}, element('i', { style: 'background:' + background }), words)));
}

function layerTip(layer) {
  return lines(layer.name, [
    ['cycles', whole(layer.cycles)], ['floor', whole(layer.floor_cycles) + (layer.bound === '-' ? '' : ', of ' + layer.bound)],
    ['utilisation', percent(layer.utilisation)], ['MAC/cycle', fixed(layer.macs_per_cycle)],
    ['MAC/byte', layer.macs_per_byte === null ? '–' : fixed(layer.macs_per_byte)],
    ['read, written', bytes(layer.dram_read_bytes) + ', ' + bytes(layer.dram_write_bytes)]].concat(
      layer.host ? [['on the host', layer.host]] : []));
}

const SVG = 'http://www.w3.org/2000/svg';
function svg(tag, attributes = {}, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

// Machine roofs and layers, both axes logarithmic.
function drawRoofline() {
  const width = 640, height = 430, left = 52, right = 18, top = 16, bottom = 44;
  const shown = layers.map((layer, index) => ({ layer, index })).filter(({ layer }) =>
    layer.cycles > 0 && layer.macs_per_cycle > 0);
  const finite = shown.filter(({ layer }) => layer.macs_per_byte > 0);
  const reach = finite.map(({ layer }) => layer.macs_per_byte);
  const ridge = machine.array_macs / machine.bus_bytes;
  const decade = (value, up) => 10 ** (up ? Math.ceil(Math.log10(value)) : Math.floor(Math.log10(value)));
  const x0 = decade(Math.min(ridge / 10, ...reach), false), x1 = decade(Math.max(ridge * 10, ...reach) * 1.05, true);
  const y0 = Math.min(1, ...shown.map(({ layer }) => layer.macs_per_cycle)) * 0.7;
  const y1 = Math.max(machine.array_macs, ...shown.map(({ layer }) => layer.macs_per_cycle)) * 2;
  const x = (value) => left + (width - left - right) * Math.log(value / x0) / Math.log(x1 / x0);
  const y = (value) => height - bottom - (height - top - bottom) * Math.log(value / y0) / Math.log(y1 / y0);
  const out = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'Roofline' });

  for (let value = x0; value <= x1 * 1.001; value *= 10) {
    out.append(svg('line', { x1: x(value), x2: x(value), y1: top, y2: height - bottom, stroke: 'var(--grid)' }));
    out.append(svg('text', { x: x(value), y: height - bottom + 17, 'text-anchor': 'middle' }, value < 1 ? String(+value.toPrecision(1)) : whole(value)));
  }
  for (let value = 10 ** Math.ceil(Math.log10(y0)); value <= y1; value *= 10) {
    out.append(svg('line', { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: 'var(--grid)' }));
    out.append(svg('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, value < 1 ? String(+value.toPrecision(1)) : whole(value)));
  }
  out.append(svg('text', { x: width - right, y: height - 8, 'text-anchor': 'end' }, 'MAC / byte of DRAM traffic'));
  out.append(svg('text', { x: left, y: top - 4 }, 'MAC / cycle'));

  const start = Math.max(x0, y0 / machine.bus_bytes);
  const roof = [[start, start * machine.bus_bytes], [ridge, machine.array_macs], [x1, machine.array_macs]];
  const points = roof.map(([a, b]) => `${x(a)},${y(b)}`).join(' ');
  out.append(svg('polygon', { points: `${points} ${x(x1)},${y(y0)} ${x(start)},${y(y0)}`, fill: 'var(--array)', opacity: 0.05 }));
  out.append(svg('polyline', { points, fill: 'none', stroke: 'var(--ink)', 'stroke-width': 2, 'stroke-linejoin': 'round' }));
  const depthwise = [[machine.depthwise_macs / machine.bus_bytes, machine.depthwise_macs], [x1, machine.depthwise_macs]];
  out.append(svg('polyline', { points: depthwise.map(([a, b]) => `${x(a)},${y(b)}`).join(' '), fill: 'none', stroke: 'var(--depthwise)', 'stroke-width': 1.5, 'stroke-dasharray': '5 4' }));
  const side = width - right - 4;
  out.append(svg('text', { x: side, y: y(machine.array_macs) - 7, 'text-anchor': 'end' }, `array: ${machine.array_macs} MAC/cycle`));
  out.append(svg('text', { x: side, y: y(machine.depthwise_macs) - 7, 'text-anchor': 'end' }, `depthwise engine: ${machine.depthwise_macs}`));
  const middle = Math.sqrt(start * ridge), slope = Math.atan2(y(machine.array_macs) - y(start * machine.bus_bytes), x(ridge) - x(start)) * 180 / Math.PI;
  out.append(svg('text', { x: x(middle), y: y(middle * machine.bus_bytes) - 8, 'text-anchor': 'middle', transform: `rotate(${slope} ${x(middle)} ${y(middle * machine.bus_bytes)})` }, `bus: ${machine.bus_bytes} B/cycle`));

  const boxes = [];
  const most = Math.max(...shown.map(({ layer }) => layer.cycles));
  const spots = shown.sort((a, b) => b.layer.cycles - a.layer.cycles).map(({ layer }) => ({
    layer, px: layer.macs_per_byte > 0 ? x(layer.macs_per_byte) : width - right, py: y(layer.macs_per_cycle),
    r: 4.5 + 9 * Math.sqrt(layer.cycles / most) }));
  for (const { layer, px, py, r } of spots) {
    const point = svg('circle', { class: 'point', cx: px, cy: py, r, fill: `var(--${layer.bound})`, 'fill-opacity': 0.72, stroke: `var(--${layer.bound})`, 'stroke-width': 1.5 });
    out.append(withTip(point, () => layerTip(layer)));
  }
  for (const { layer, px, py, r } of spots) {
    const wide = layer.name.length * 6.8;
    const places = [[px + r + 4, py + 4], [px - r - 4 - wide, py + 4], [px - wide / 2, py - r - 5], [px - wide / 2, py + r + 14]];
    const free = places.find(([a, b]) => a >= left && a + wide <= width - right && b > top + 8 && b < height - bottom &&
      !boxes.some((box) => a < box[0] + box[2] && box[0] < a + wide && Math.abs(b - box[1]) < 13) &&
      !spots.some((spot) => spot.layer !== layer && spot.px + spot.r > a && spot.px - spot.r < a + wide && Math.abs(spot.py - b + 4) < spot.r + 6));
    if (!free) continue;
    boxes.push([free[0], free[1], wide]);
    out.append(svg('text', { class: 'point-name', x: free[0], y: free[1] }, layer.name));
  }
  document.getElementById('roofline').replaceChildren(out);

  const notes = [];
  const without = layers.filter((layer) => !layer.host && layer.cycles > 0 && layer.macs === 0).map((layer) => layer.name);
  if (without.length) notes.push('Without a multiplication, and so not here: ' + without.join(', ') + '.');
  if (shown.some(({ layer }) => layer.macs_per_byte === null)) notes.push('At the right edge: layers that move no bytes.');
  if (shown.some(({ layer }) => layer.macs_per_cycle > machine.array_macs)) {
    notes.push('Above the roof: the MACs of outputs that a fused pool never reads count, the machine leaves them out.');
  }
  document.getElementById('roofline-note').textContent = notes.join(' ');
}

function drawUtilisation() {
  const grid = element('div', { class: 'bars' });
  layers.forEach((layer, index) => {
    const bar = element('div', { class: 'bar' });
    if (layer.cycles > 0) bar.append(element('i', { style: `width:${Math.min(100, 100 * layer.utilisation)}%;background:var(--${layer.bound === '-' ? 'none' : layer.bound})` }));
    const value = element('div', { class: 'num' });
    if (layer.host) value.append('host');
    else if (layer.cycles > 0) value.append(element('b', {}, number(`layers.${index}.utilisation`, 'percent')));
    else value.append('in the layer before');
    grid.append(element('div', { class: 'name' }, layer.name), withTip(bar, () => layerTip(layer)), value);
  });
  const kinds = ['array', 'depthwise', 'vector', 'bus'].filter((kind) => layers.some((layer) => layer.bound === kind));
  const key = element('div', { class: 'legend' }, ...kinds.map((kind) =>
    element('span', {}, element('i', { style: `background:var(--${kind})` }), 'bound by ' + kind)));
  document.getElementById('utilisation').replaceChildren(grid, key);
}

function stack(values, engine, className) {
  const sum = values.reduce((a, b) => a + b, 0);
  const bar = element('div', { class: 'bar ' + className });
  values.forEach((value, index) => {
    if (value > 0 && index < 6) bar.append(element('i', { style: `width:${100 * value / sum}%;background:var(--${ACTIVITIES[index]})` }));
  });
  return withTip(bar, () => lines(engine.name, values.map((value, index) => [engine.activities[index],
    `${whole(value)} (${percent(sum ? value / sum : 0)})`, value]).filter((entry) => entry[2] > 0).map((entry) => entry.slice(0, 2))));
}

// What each engine did, of the whole run and layer by layer.
function drawEngines() {
  const grid = element('div', { class: 'matrix' });
  grid.append(element('div'));
  for (const engine of engines) {
    grid.append(element('div', { class: 'engine' }, engine.name, element('small', {}, number(`report.counters.${engine.name}_busy`, 'whole'), ' busy')));
  }
  grid.append(element('div', { class: 'name' }, 'whole run'));
  for (const engine of engines) {
    grid.append(stack(engine.activities.map((activity) => report.counters[`${engine.name}_${activity}`]), engine, 'whole'));
  }
  if (layers.length > 1) grid.append(element('div', { class: 'gap' }));
  for (const layer of layers) {
    if (!layer.activities || layer.cycles === 0 || layers.length === 1) continue;
    grid.append(element('div', { class: 'name' }, layer.name));
    engines.forEach((engine, index) => grid.append(stack(layer.activities[index], engine, '')));
  }
  document.getElementById('engines').replaceChildren(grid);
  legend('engine-legend', ACTIVITIES.map((name, index) => [name === 'idle' ? 'var(--track)' : `var(--${name})`, ACTIVITY_WORDS[index]]));
}

function drawTraffic() {
  const most = Math.max(1, ...layers.map((layer) => layer.dram_read_bytes + layer.dram_write_bytes));
  const grid = element('div', { class: 'bars' });
  layers.forEach((layer, index) => {
    const bar = element('div', { class: 'bar' },
      element('i', { style: `width:${100 * layer.dram_read_bytes / most}%;background:var(--read)` }),
      element('i', { style: `width:${100 * layer.dram_write_bytes / most}%;background:var(--write)` }));
    grid.append(element('div', { class: 'name' }, layer.name), withTip(bar, () => layerTip(layer)),
      element('div', { class: 'num' }, element('b', {}, number(`layers.${index}.dram_read_bytes`, 'whole')), ' B read, ',
        element('b', {}, number(`layers.${index}.dram_write_bytes`, 'whole')), ' B written'));
  });
  const key = element('div', { class: 'legend' },
    element('span', {}, element('i', { style: 'background:var(--read)' }), 'read'),
    element('span', {}, element('i', { style: 'background:var(--write)' }), 'written'));
  document.getElementById('traffic').replaceChildren(grid, key);
}
