'use strict';
// What every part of the page uses: the profile, numbers, colours, tips; and the charts of layers.
const profile = JSON.parse(document.getElementById('profile').textContent);
const { report, machine, engines, layers, timeline } = profile;

const ACTIVITIES = ['busy', 'source', 'sink', 'operand', 'latency', 'wait', 'idle'];
const ACTIVITY_WORDS = ['busy', 'waits for what it reads', 'waits for where it writes', 'waits for weights, parameters or addresses',
  'starts or ends', 'waits for semaphores', 'idle'];
const LAYER_COLORS = ['#5b8def', '#f0984a', '#3fb37f', '#c274e4', '#ddb13a', '#2fb0c6', '#ec6d8d', '#86a53c',
  '#8c7cf0', '#d58459', '#46a99a', '#b5809c'];
// So many that charts of layers take the page's width.
const MANY = layers.length > 18;
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
  if (value < 1024 * 1024) return (value / 1024).toFixed(1) + ' KiB';
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
    ['cycles', whole(layer.cycles) + (layer.taken_cycles > layer.cycles ? `, taken ${whole(layer.taken_cycles)} (overlaps with others)` : '')],
    ['floor', whole(layer.floor_cycles) + (layer.bound === '-' ? '' : ', of ' + layer.bound)],
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
class Roofline {
  constructor() {
    Object.assign(this, { width: MANY ? 1240 : 640, height: 400, left: 46, right: 96, top: 24, bottom: 42 });
    this.shown = layers.filter((layer) => layer.macs_per_cycle > 0).sort((a, b) => b.taken_cycles - a.taken_cycles);
    const reach = this.shown.filter((layer) => layer.macs_per_byte > 0).map((layer) => layer.macs_per_byte);
    const rates = this.shown.map((layer) => layer.macs_per_cycle);
    this.ridge = machine.array_macs / machine.bus_bytes;
    this.x0 = Math.min(this.ridge / 12, Math.min(...reach) / 2);
    this.x1 = Math.max(this.ridge * 8, Math.max(...reach) * 2);
    this.y0 = Math.min(machine.bus_bytes / 2, ...rates) * 0.6;
    this.y1 = Math.max(machine.array_macs, ...rates) * 1.6;
    const most = Math.max(...this.shown.map((layer) => layer.taken_cycles));
    this.spots = this.shown.map((layer) => ({ layer, x: layer.macs_per_byte > 0 ? this.x(layer.macs_per_byte) : this.width - this.right,
      y: this.y(layer.macs_per_cycle), r: 4 + 8 * Math.sqrt(layer.taken_cycles / most) }));
    this.boxes = [];
    this.out = svg('svg', { viewBox: `0 0 ${this.width} ${this.height}`, role: 'img', 'aria-label': 'Roofline' });
  }

  x(value) { return this.left + (this.width - this.left - this.right) * Math.log(value / this.x0) / Math.log(this.x1 / this.x0); }
  y(value) { return this.height - this.bottom - (this.height - this.top - this.bottom) * Math.log(value / this.y0) / Math.log(this.y1 / this.y0); }
  line(points, attributes) {
    this.out.append(svg('polyline', { points: points.map(([a, b]) => `${this.x(a)},${this.y(b)}`).join(' '), fill: 'none', ...attributes }));
  }
  text(x, y, words, attributes = {}) { this.out.append(svg('text', { x, y, ...attributes }, words)); }

  axes() {
    const words = (value) => (value < 1 ? String(+value.toPrecision(1)) : whole(value));
    for (let value = 10 ** Math.ceil(Math.log10(this.x0)); value <= this.x1; value *= 10) {
      this.line([[value, this.y0], [value, this.y1]], { stroke: 'var(--grid)' });
      this.text(this.x(value), this.height - this.bottom + 17, words(value), { 'text-anchor': 'middle' });
    }
    for (let value = 10 ** Math.ceil(Math.log10(this.y0)); value <= this.y1; value *= 10) {
      this.line([[this.x0, value], [this.x1, value]], { stroke: 'var(--grid)' });
      this.text(this.left - 8, this.y(value) + 4, words(value), { 'text-anchor': 'end' });
    }
    this.text(this.width - this.right, this.height - 6, 'MAC / byte of DRAM traffic', { 'text-anchor': 'end' });
    this.text(this.left - 30, 14, 'MAC / cycle');
  }

  roofs() {
    const start = Math.max(this.x0, this.y0 / machine.bus_bytes);
    const roof = [[start, start * machine.bus_bytes], [this.ridge, machine.array_macs], [this.x1, machine.array_macs]];
    const below = roof.concat([[this.x1, this.y0], [start, this.y0]]).map(([a, b]) => `${this.x(a)},${this.y(b)}`).join(' ');
    this.out.append(svg('polygon', { points: below, fill: 'var(--array)', opacity: 0.06 }));
    this.line([[machine.depthwise_macs / machine.bus_bytes, machine.depthwise_macs], [this.x1, machine.depthwise_macs]],
      { stroke: 'var(--depthwise)', 'stroke-width': 1.5, 'stroke-dasharray': '5 4' });
    this.line(roof, { stroke: 'var(--ink)', 'stroke-width': 2, 'stroke-linejoin': 'round' });
    const side = this.width - this.right + 8;
    let free = 0;
    for (const [words, value] of [['array', machine.array_macs], ['depthwise', machine.depthwise_macs]]) {
      const y = Math.max(free, this.y(value));
      this.text(side, y - 1, words, { style: 'fill:var(--ink);font-weight:600' });
      this.text(side, y + 14, `${value} MAC/cycle`);
      free = y + 32;
    }
    // Along the slope, where no point is.
    const places = [0.2, 0.4, 0.6, 0.05].map((part) => start * (this.ridge / start) ** part);
    const clear = (value) => this.spots.every((spot) => Math.hypot(spot.x - this.x(value) - 36, spot.y - this.y(value * machine.bus_bytes) + 30) > 50);
    const low = places.find(clear) || places[0], px = this.x(low), py = this.y(low * machine.bus_bytes);
    const slope = Math.atan2(this.y(machine.array_macs) - py, this.x(this.ridge) - px) * 180 / Math.PI;
    this.text(px, py - 8, `bus: ${machine.bus_bytes} B/cycle`, { transform: `rotate(${slope} ${px} ${py})` });
  }

  points() {
    const spots = this.spots, leaders = svg('g'), circles = svg('g'), names = svg('g');
    for (const { layer, x, y, r } of spots) {
      const point = svg('circle', { class: 'point', cx: x, cy: y, r, fill: `var(--${layer.bound})`, 'fill-opacity': 0.7, stroke: `var(--${layer.bound})`, 'stroke-width': 1.5 });
      circles.append(withTip(point, () => layerTip(layer)));
    }
    for (const spot of spots) {
      const place = this.place(spot, spots);
      if (!place) continue;
      if (place.far) leaders.append(svg('line', { x1: spot.x, y1: spot.y, x2: place.x + place.wide / 2, y2: place.y - 4, stroke: 'var(--faint)', 'stroke-width': 1 }));
      names.append(svg('text', { class: 'point-name', x: place.x, y: place.y }, spot.layer.name));
    }
    this.out.append(leaders, circles, names);
  }

  // Room for a point's name near it, or nothing.
  place(spot, spots) {
    const wide = spot.layer.name.length * 6.6 + 2;
    for (const [index, gap] of [5, 20, 36, 54, 74].entries()) {
      for (const angle of [0, 180, 90, 270, 45, 135, 315, 225]) {
        const reach = spot.r + gap, dx = Math.cos(angle * Math.PI / 180), dy = Math.sin(angle * Math.PI / 180);
        const x = spot.x + reach * dx - (dx > 0.3 ? 0 : dx < -0.3 ? wide : wide / 2), y = spot.y + reach * dy + 4 + 4 * dy;
        const box = { x, y, wide, far: index > 0 };
        if (x < this.left || x + wide > this.width - this.right || y < this.top || y > this.height - this.bottom - 4) continue;
        if (this.boxes.some((b) => x < b.x + b.wide && b.x < x + wide && Math.abs(y - b.y) < 13)) continue;
        if (spots.some((s) => s !== spot && s.x + s.r > x - 1 && s.x - s.r < x + wide + 1 && Math.abs(s.y - y + 4) < s.r + 6)) continue;
        this.boxes.push(box);
        return box;
      }
    }
    return null;
  }
}

function drawRoofline() {
  const chart = new Roofline();
  chart.axes();
  chart.roofs();
  chart.points();
  document.getElementById('roofline').replaceChildren(chart.out);
  const notes = [];
  const without = layers.filter((layer) => !layer.host && layer.macs === 0).map((layer) => layer.name);
  if (without.length) notes.push('Without a multiplication, and so not here: ' + without.join(', ') + '.');
  if (chart.shown.some((layer) => layer.macs_per_byte === null)) notes.push('At the right edge: layers that move no bytes.');
  if (chart.shown.some((layer) => layer.macs_per_cycle > 1.01 * machine.array_macs)) {
    notes.push('Above the roof: the MACs of outputs that a fused pool never reads are counted, but not computed.');
  }
  document.getElementById('roofline-note').textContent = notes.join(' ');
}

function barRow(layer, bar, value) {
  return element('div', { class: 'row' }, element('div', { class: 'name' }, layer.name), withTip(bar, () => layerTip(layer)), value);
}

function drawUtilisation() {
  const grid = element('div', { class: 'bars' });
  layers.forEach((layer, index) => {
    const bar = element('div', { class: 'bar' });
    if (layer.taken_cycles > 0 && !layer.host) bar.append(element('i', { style: `width:${Math.min(100, 100 * layer.utilisation)}%;background:var(--${layer.bound === '-' ? 'none' : layer.bound})` }));
    const value = element('div', { class: 'num' });
    if (layer.host) value.append('host');
    else value.append(element('span', { class: 'extra' }, number(`layers.${index}.taken_cycles`, 'whole')), element('b', {}, number(`layers.${index}.utilisation`, 'percent')));
    grid.append(barRow(layer, bar, value));
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
    grid.append(barRow(layer, bar, element('div', { class: 'num' }, element('b', {}, number(`layers.${index}.dram_read_bytes`, 'whole')), ' B read, ',
      element('b', {}, number(`layers.${index}.dram_write_bytes`, 'whole')), ' B written')));
  });
  const key = element('div', { class: 'legend' },
    element('span', {}, element('i', { style: 'background:var(--read)' }), 'read'),
    element('span', {}, element('i', { style: 'background:var(--write)' }), 'written'));
  document.getElementById('traffic').replaceChildren(grid, key);
}
