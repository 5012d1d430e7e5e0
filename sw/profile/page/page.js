// Puts the page together.
function drawHead() {
  const name = report.layer === 'all' || report.layer === report.model ? report.model : `${report.model} · ${report.layer}`;
  document.title = `${name} on ${machine.config} · Weft profile`;
  document.getElementById('title').textContent = name;
  const side = Math.round(Math.sqrt(machine.array_macs));
  document.getElementById('subtitle').replaceChildren(
    element('span', {}, `${machine.config}: ${side} × ${side} array, ${8 * machine.bus_bytes}-bit bus, memory latency ${machine.latency_cycles} cycles`),
    element('span', {}, '·'), element('span', {}, report.input_source),
    element('span', { class: 'pass' }, number('report.bytes_compared', 'whole'), ' bytes equal to the golden model’s'));
  document.getElementById('footer').textContent = 'Repeat: ' + report.repeat;
}

function tile(label, value, about, part) {
  const long = value.length === 1 && typeof value[0] === 'string' && value[0].length > 9 ? ' long' : '';
  const box = element('div', { class: 'tile' }, element('div', { class: 'label' }, label), element('div', { class: 'value' + long }, ...value));
  if (part !== undefined) box.append(element('div', { class: 'meter' }, element('i', { style: `width:${Math.min(100, 100 * part)}%` })));
  box.append(element('div', { class: 'about' }, ...about));
  return box;
}

function drawTiles() {
  const rate = (report.macs - report.host_macs) / report.cycles;
  const longest = layers.reduce((a, b) => (b.cycles > a.cycles ? b : a));
  const jobs = timeline.job_begins.length;
  document.getElementById('tiles').replaceChildren(
    tile('Cycles', [number('report.cycles', 'whole')], [`${whole(report.counters.descriptors)} descriptors in ${jobs} job${jobs > 1 ? 's' : ''}`]),
    tile('Utilisation', [number('report.utilisation', 'percent')], ['of a floor of ', number('report.floor_cycles', 'whole'), ' cycles'], report.utilisation),
    tile('MACs a cycle', [fixed(rate), element('small', {}, ` of ${machine.array_macs}`)], [whole(report.macs - report.host_macs) + ' MACs' + (report.host_macs > 0 ? `, ${whole(report.host_macs)} on the host` : '')], rate / machine.array_macs),
    tile('DRAM read', [bytes(report.dram_read_bytes)], [number('report.dram_read_bytes', 'whole'), ' B in whole beats'], report.counters.read_beats / report.cycles),
    tile('DRAM written', [bytes(report.dram_write_bytes)], [number('report.dram_write_bytes', 'whole'), ' B in whole beats'], report.counters.write_beats / report.cycles),
    tile('Longest layer', [longest.name], [`${whole(longest.cycles)} cycles, ${percent(longest.cycles / report.cycles)}`], longest.cycles / report.cycles));
}

function drawTable() {
  const columns = [['cycles', 'cycles', 'whole'], ['taken', 'taken_cycles', 'whole'], ['floor', 'floor_cycles', 'whole'], ['bound by'], ['utilisation', 'utilisation', 'percent'],
    ['MACs', 'macs', 'whole'], ['MAC/cycle', 'macs_per_cycle', 'fixed'], ['MAC/byte', 'macs_per_byte', 'fixed'],
    ['read B', 'dram_read_bytes', 'whole'], ['written B', 'dram_write_bytes', 'whole'], ['runs on']];
  const head = element('tr', {}, element('th', {}, 'layer'), element('th', {}, 'output'), ...columns.map(([words]) => element('th', {}, words)));
  const body = element('tbody');
  layers.forEach((layer, index) => {
    const row = element('tr', {}, element('td', {}, element('i', { class: 'swatch', style: 'background:' + layerColor(index) }), layer.name),
      element('td', {}, layer.shape.join(' × ')));
    for (const [words, key, format] of columns) {
      const cell = element('td');
      if (words === 'bound by') {
        cell.append(layer.bound === '-' ? '–' : element('span', { class: 'chip', style: `--chip:var(--${layer.bound})` }, layer.bound));
      } else if (words === 'runs on') {
        cell.append(layer.host ? element('span', { class: 'chip', style: '--chip:var(--none)', title: layer.host }, 'host') : 'device');
      } else if (layer[key] === null || (layer[key] === 0 && format !== 'whole')) {
        cell.append('–');
      } else {
        cell.append(number(`layers.${index}.${key}`, format));
      }
      row.append(cell);
    }
    body.append(row);
  });
  const total = element('tfoot', {}, element('tr', {}, element('td', {}, 'total'), element('td'),
    element('td', {}, number('report.cycles', 'whole')), element('td', {}, number('report.cycles', 'whole')), element('td', {}, number('report.floor_cycles', 'whole')), element('td'),
    element('td', {}, number('report.utilisation', 'percent')), element('td', {}, number('report.macs', 'whole')),
    element('td'), element('td'), element('td', {}, number('report.dram_read_bytes', 'whole')),
    element('td', {}, number('report.dram_write_bytes', 'whole')), element('td')));
  document.getElementById('layers').replaceChildren(element('thead', {}, head), body, total);
  const reasons = [...new Set(layers.filter((layer) => layer.host).map((layer) => `${layer.name}: ${layer.host}`))];
  document.getElementById('layers-note').textContent = 'A layer’s cycles run from the end of the layer before to its own last vector pass, so that they add up. ' +
    'Layers overlap: taken is that, or what the engine that worked longest for the layer took for it, if it is more; utilisation and MAC/cycle are of that. ' +
    'The total’s bytes are those of the bus: whole beats, descriptors included.' + (reasons.length ? ' On the host: ' + reasons.join('; ') + '.' : '');
}

// Beside the roofline there is room for two charts of few layers.
function placeTraffic() {
  if (layers.length > 8) return;
  document.getElementById('right').append(document.getElementById('traffic-section'));
  document.querySelector('#traffic-section .hint').remove();
}

// What the address asks for: #dark, #light, #cycles=1000:2500, joined by &.
function obeyAddress() {
  for (const word of location.hash.slice(1).split('&')) {
    if (word === 'dark' || word === 'light') setTheme(word);
    const cycles = /^cycles=(\d+):(\d+)$/.exec(word);
    if (cycles) view.show(Number(cycles[1]), Number(cycles[2]));
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  view.draw();
}

document.body.classList.toggle('many', MANY);
document.body.style.setProperty('--names', 1 + Math.max(...layers.map((layer) => layer.name.length)) + 'ch');
const view = new Timeline(document.getElementById('timeline'));
drawHead();
drawTiles();
drawRoofline();
drawUtilisation();
drawEngines();
drawTraffic();
drawTable();
const dark = matchMedia('(prefers-color-scheme: dark)');
placeTraffic();
setTheme(dark.matches ? 'dark' : 'light');
obeyAddress();
addEventListener('hashchange', obeyAddress);
dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
document.getElementById('theme').addEventListener('click', () =>
  setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
if (document.documentElement.dataset.state !== 'error') document.documentElement.dataset.state = 'ready';
