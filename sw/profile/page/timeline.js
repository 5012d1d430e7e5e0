// The timeline: one canvas, one axis of cycles, lanes below each other.
const GUTTER = 104, AXIS = 30, LAYER_LANE = 26, ENGINE_LANE = 40, BUS_LANE = 30, MEMORY_LANE = 190, GAP = 8;
// Of the memory lane: a stretch of words that nothing ever holds.
const UNUSED_PIXELS = 20;
const FONT = getComputedStyle(document.body).fontFamily;
// More descriptors than these on the screen are drawn as one.
const LEAST_PIXELS = 0.6;

class Timeline {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.cycles = Math.max(1, timeline.cycles);
    this.first = 0;
    this.last = this.cycles;
    this.slices = engines.map((_, engine) => timeline.slices.filter((s) => s[1] === engine));
    this.waits = engines.map((_, engine) => timeline.waits.filter((w) => w[0] === engine));
    this.bursts = [0, 1].map((write) => timeline.bursts.filter((b) => b[0] === write));
    this.lanes = this.layOut();
    this.stretches = this.stretchMemory();
    this.listen();
  }

  // The words from top to bottom: what is used at some time takes its share of the lane, each long
  // stretch between, which is never used, a strip.
  stretchMemory() {
    const used = [];
    for (const [word, words] of [...timeline.held].sort((a, b) => a[0] - b[0])) {
      const last = used[used.length - 1];
      if (last && word <= last[1] + machine.act_words / 64) last[1] = Math.max(last[1], word + words); else used.push([word, word + words]);
    }
    const stretches = [];
    let at = 0;
    for (const [from, to] of used.concat([[machine.act_words, machine.act_words]])) {
      if (from - at > machine.act_words / 64) stretches.push({ from: at, to: from, used: false });
      else if (stretches.length) stretches[stretches.length - 1].to = from;
      if (to > from) stretches.push({ from: stretches.length ? from : Math.min(from, at), to, used: true });
      at = to;
    }
    const gaps = stretches.filter((s) => !s.used).length;
    const words = stretches.filter((s) => s.used).reduce((sum, s) => sum + s.to - s.from, 0);
    let top = this.lanes[this.lanes.length - 1].top;
    for (const stretch of stretches) {
      stretch.top = top;
      stretch.height = stretch.used ? (MEMORY_LANE - gaps * UNUSED_PIXELS) * (stretch.to - stretch.from) / words : UNUSED_PIXELS;
      top += stretch.height;
    }
    return stretches;
  }

  wordY(word) {
    const s = this.stretches.find((stretch) => word < stretch.to) || this.stretches[this.stretches.length - 1];
    return s.top + s.height * (word - s.from) / (s.to - s.from);
  }
  wordAt(y) {
    const s = this.stretches.find((stretch) => y < stretch.top + stretch.height) || this.stretches[this.stretches.length - 1];
    return Math.floor(s.from + (s.to - s.from) * (y - s.top) / s.height);
  }

  // Where each lane lies, from top to bottom.
  layOut() {
    const lanes = [];
    let top = AXIS;
    const add = (kind, name, height, index) => {
      lanes.push({ kind, name, top, height, index });
      top += height + GAP;
    };
    add('layer', 'layer', LAYER_LANE);
    engines.forEach((engine, index) => add('engine', engine.name, ENGINE_LANE, index));
    add('bus', 'bus read', BUS_LANE, 0);
    add('bus', 'bus write', BUS_LANE, 1);
    add('memory', 'act memory', MEMORY_LANE);
    this.height = top + 6;
    return lanes;
  }

  listen() {
    new ResizeObserver(() => this.draw()).observe(this.canvas.parentElement);
    const canvas = this.canvas;
    let drag = null;
    canvas.addEventListener('pointerdown', (event) => {
      drag = { x: event.clientX, first: this.first, last: this.last, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!drag) { this.hover(event); return; }
      const moved = event.clientX - drag.x;
      if (Math.abs(moved) > 3) drag.moved = true;
      if (!drag.moved) return;
      canvas.classList.add('dragging');
      hideTip();
      const shift = -moved * (drag.last - drag.first) / this.width();
      this.show(drag.first + shift, drag.last + shift);
    });
    canvas.addEventListener('pointerup', (event) => {
      canvas.classList.remove('dragging');
      if (drag && !drag.moved) this.click(event);
      drag = null;
    });
    canvas.addEventListener('pointerleave', hideTip);
    canvas.addEventListener('dblclick', (event) => this.zoom(0.4, this.cycleAt(event)));
    canvas.addEventListener('wheel', (event) => {
      const span = this.last - this.first;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        this.zoom(Math.exp(event.deltaY / 250), this.cycleAt(event));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const shift = event.deltaX * span / this.width();
        this.show(this.first + shift, this.last + shift);
      }
    }, { passive: false });
    canvas.addEventListener('keydown', (event) => {
      const step = (this.last - this.first) / 5;
      const keys = { '+': () => this.zoom(0.5), '=': () => this.zoom(0.5), '-': () => this.zoom(2), '0': () => this.show(0, this.cycles),
        ArrowLeft: () => this.show(this.first - step, this.last - step), ArrowRight: () => this.show(this.first + step, this.last + step) };
      if (!keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    const buttons = { in: () => this.zoom(0.5), out: () => this.zoom(2), all: () => this.show(0, this.cycles) };
    for (const button of document.querySelectorAll('[data-zoom]')) button.addEventListener('click', buttons[button.dataset.zoom]);
  }

  width() { return Math.max(50, this.canvas.clientWidth - GUTTER - 14); }
  x(cycle) { return GUTTER + (cycle - this.first) / (this.last - this.first) * this.width(); }
  cycleAt(event) {
    const place = event.clientX - this.canvas.getBoundingClientRect().left - GUTTER;
    return this.first + place / this.width() * (this.last - this.first);
  }

  zoom(factor, center = (this.first + this.last) / 2) {
    this.show(center - (center - this.first) * factor, center + (this.last - center) * factor);
  }

  // Shows these cycles, as far as there are any, and no fewer than 20.
  show(first, last) {
    const span = Math.min(this.cycles, Math.max(20, last - first));
    const middle = (first + last) / 2;
    this.first = Math.max(0, Math.min(this.cycles - span, middle - span / 2));
    this.last = this.first + span;
    this.draw();
  }

  // Of spans in order of time those that are on the screen: begins and ends are numbers from, to of each.
  visible(spans, from, to) {
    let low = 0, high = spans.length;
    while (low < high) {
      const half = (low + high) >> 1;
      if (spans[half][to] < this.first) low = half + 1; else high = half;
    }
    const found = [];
    for (; low < spans.length && spans[low][from] <= this.last; ++low) found.push(spans[low]);
    return found;
  }

  draw() {
    const scale = devicePixelRatio || 1, c = this.context;
    this.canvas.style.height = this.height + 'px';
    this.canvas.width = Math.round(this.canvas.clientWidth * scale);
    this.canvas.height = Math.round(this.height * scale);
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.font = '12px ' + FONT;
    c.textBaseline = 'middle';
    this.colors = Object.fromEntries(['card', 'ink', 'soft', 'faint', 'line', 'track', 'grid', 'read', 'write', ...ACTIVITIES.slice(0, 6)].map((n) => [n, colorOf(n)]));
    this.drawAxis(c);
    for (const lane of this.lanes) {
      c.fillStyle = this.colors.soft;
      c.textAlign = 'left';
      c.fillText(lane.name, 16, lane.top + Math.min(lane.height, 40) / 2);
    }
    c.save();
    c.beginPath();
    c.rect(GUTTER, 0, this.width(), this.height);
    c.clip();
    for (const lane of this.lanes) {
      if (lane.kind === 'layer') this.drawLayers(c, lane);
      if (lane.kind === 'engine') this.drawEngine(c, lane);
      if (lane.kind === 'bus') this.drawBus(c, lane);
      if (lane.kind === 'memory') this.drawMemory(c, lane);
    }
    this.drawJobs(c);
    c.restore();
    c.font = '11px ' + FONT;
    c.fillStyle = this.colors.faint;
    c.fillText(bytes(machine.act_words * machine.word_bytes), 16, this.lanes[this.lanes.length - 1].top + 37);
    document.getElementById('range').textContent = `cycles ${whole(this.first)} – ${whole(this.last)}`;
  }

  drawAxis(c) {
    const rough = (this.last - this.first) / Math.max(2, this.width() / 110);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, power * [1, 2, 5, 10].find((factor) => factor * power >= rough));
    c.textAlign = 'center';
    c.lineWidth = 1;
    for (let cycle = Math.ceil(this.first / step) * step; cycle <= this.last; cycle += step) {
      const x = Math.round(this.x(cycle)) + 0.5;
      c.strokeStyle = this.colors.grid;
      c.beginPath();
      c.moveTo(x, AXIS - 6);
      c.lineTo(x, this.height);
      c.stroke();
      c.fillStyle = this.colors.faint;
      const text = whole(cycle), half = c.measureText(text).width / 2;
      c.fillText(text, Math.min(Math.max(x, GUTTER + half), GUTTER + this.width() - half), 13);
    }
  }

  drawJobs(c) {
    c.setLineDash([4, 4]);
    c.strokeStyle = this.colors.soft;
    c.textAlign = 'left';
    timeline.job_begins.slice(1).forEach((begin) => {
      const x = Math.round(this.x(begin)) + 0.5;
      c.beginPath();
      c.moveTo(x, AXIS - 6);
      c.lineTo(x, this.height);
      c.stroke();
    });
    c.setLineDash([]);
  }

  drawLayers(c, lane) {
    layers.forEach((layer, index) => {
      const x = this.x(layer.begin), width = this.x(layer.end) - x;
      if (width <= 0 || x > this.canvas.clientWidth || x + width < GUTTER) return;
      c.fillStyle = layerColor(index);
      this.box(c, x + 0.5, lane.top, Math.max(0.5, width - 1), lane.height, 5);
      this.label(c, layer.name, x, width, lane.top + lane.height / 2, '600 12px ');
    });
  }

  box(c, x, y, width, height, radius) {
    c.beginPath();
    if (width > 2 * radius) c.roundRect(x, y, width, height, radius); else c.rect(x, y, width, height);
    c.fill();
  }

  // Text in a bar, if it has room there, where the bar can be seen.
  label(c, text, x, width, middle, font) {
    const from = Math.max(x, GUTTER), to = Math.min(x + width, GUTTER + this.width());
    c.font = font + FONT;
    if (c.measureText(text).width + 10 > to - from) return;
    c.fillStyle = '#14171c';
    c.textAlign = 'left';
    c.fillText(text, from + 6, middle + 0.5);
  }

  drawEngine(c, lane) {
    const bar = lane.height - 10, middle = lane.top + bar / 2;
    c.fillStyle = this.colors.track;
    c.fillRect(GUTTER, lane.top, this.width(), bar);
    c.fillStyle = this.hatch(c);
    for (const [, begin, end] of this.visible(this.waits[lane.index], 1, 2)) {
      const x = this.x(begin), width = this.x(end) - x;
      if (width > LEAST_PIXELS) c.fillRect(x, lane.top + 3, width, bar - 6);
    }
    let drawn = -1;
    for (const [, , layer, opcode, issue, begin, end] of this.visible(this.slices[lane.index], 4, 6)) {
      const x = this.x(begin), width = this.x(end) - x, ahead = this.x(issue);
      if (x + width < drawn + LEAST_PIXELS) continue;
      c.fillStyle = layerColor(layer);
      this.box(c, x, lane.top, Math.max(LEAST_PIXELS, width - (width > 4 ? 1 : 0)), bar, 4);
      if (width > 30) this.label(c, opcode, x, width, middle, '11px ');
      if (x - ahead > 1) {
        c.fillStyle = layerColor(layer);
        c.fillRect(ahead, lane.top + bar - 3, x - ahead, 3);
      }
      drawn = x + width;
    }
    this.drawActivities(c, lane, lane.top + bar + 2, 5);
  }

  // What the engine did, in each part of the run, by its colours.
  drawActivities(c, lane, top, height) {
    const bins = timeline.bins;
    if (!bins.engines) return;
    const values = bins.engines[lane.index];
    const from = Math.max(0, Math.floor(this.first / bins.width)), to = Math.min(values[0].length - 1, Math.floor(this.last / bins.width));
    for (let bin = from; bin <= to; ++bin) {
      const x = this.x(bin * bins.width), width = this.x(Math.min(this.cycles, (bin + 1) * bins.width)) - x + 0.4;
      const sum = values.reduce((total, lane) => total + lane[bin], 0);
      let y = top;
      for (let activity = 0; activity < 6 && sum > 0; ++activity) {
        if (values[activity][bin] === 0) continue;
        const part = height * values[activity][bin] / sum;
        c.fillStyle = this.colors[ACTIVITIES[activity]];
        c.fillRect(x, y, width, part);
        y += part;
      }
    }
  }

  hatch(c) {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const t = tile.getContext('2d');
    t.strokeStyle = this.colors.wait;
    t.globalAlpha = 0.9;
    t.lineWidth = 1.2;
    t.beginPath();
    for (const shift of [-6, 0, 6]) { t.moveTo(shift, 6); t.lineTo(shift + 6, 0); }
    t.stroke();
    return c.createPattern(tile, 'repeat');
  }

  // Closely the bursts; from afar the part of the bus they take.
  drawBus(c, lane) {
    const color = lane.index ? this.colors.write : this.colors.read, bins = timeline.bins;
    c.fillStyle = this.colors.track;
    c.fillRect(GUTTER, lane.top, this.width(), lane.height);
    c.fillStyle = color;
    const near = this.visible(this.bursts[lane.index], 3, 4);
    if (this.bursts[lane.index].length > 0 && near.length < this.width() / 4) {
      for (const [, , , first, end] of near) {
        const x = this.x(first);
        c.fillRect(x, lane.top + 3, Math.max(LEAST_PIXELS, this.x(end) - x - 0.5), lane.height - 6);
      }
      return;
    }
    const values = bins[lane.index ? 'write' : 'read'], most = bins.width * machine.bus_bytes;
    const from = Math.max(0, Math.floor(this.first / bins.width)), to = Math.min(values.length - 1, Math.floor(this.last / bins.width));
    for (let bin = from; bin <= to; ++bin) {
      const x = this.x(bin * bins.width), height = lane.height * Math.min(1, values[bin] / most);
      c.fillRect(x, lane.top + lane.height - height, this.x((bin + 1) * bins.width) - x + 0.4, height);
    }
  }

  drawMemory(c, lane) {
    c.fillStyle = this.colors.track;
    c.fillRect(GUTTER, lane.top, this.width(), lane.height);
    for (const [word, words, layer, holding, begin, end] of timeline.held) {
      if (end < this.first || begin > this.last) continue;
      const x = this.x(begin), y = this.wordY(word);
      c.fillStyle = layerColor(layer);
      c.globalAlpha = [0.38, 0.66, 1][holding];
      c.fillRect(x, y, Math.max(LEAST_PIXELS, this.x(end) - x), this.wordY(word + words - 0.001) - y + 0.3);
    }
    c.globalAlpha = 1;
    c.textAlign = 'center';
    c.font = '11px ' + FONT;
    for (const { from, to, top, height, used } of this.stretches) {
      if (used) continue;
      c.fillStyle = this.colors.card;
      c.fillRect(GUTTER, top + 1, this.width(), height - 2);
      c.fillStyle = this.colors.faint;
      c.fillText(`words ${whole(from)} – ${whole(to - 1)} hold nothing`, GUTTER + this.width() / 2, top + height / 2);
    }
  }

  lane(event) {
    const y = event.clientY - this.canvas.getBoundingClientRect().top;
    return this.lanes.find((lane) => y >= lane.top && y < lane.top + lane.height);
  }

  click(event) {
    const lane = this.lane(event), cycle = this.cycleAt(event);
    const layer = lane && lane.kind === 'layer' && layers.find((l) => cycle >= l.begin && cycle < l.end);
    if (!layer) return;
    const margin = (layer.end - layer.begin) * 0.04;
    this.show(layer.begin - margin, layer.end + margin);
  }

  hover(event) {
    const lane = this.lane(event), cycle = this.cycleAt(event);
    const content = lane && cycle >= 0 && cycle <= this.cycles && event.clientX - this.canvas.getBoundingClientRect().left >= GUTTER
      ? this.describe(lane, cycle, event) : null;
    if (content) showTip(event, ...content); else hideTip();
  }

  describe(lane, cycle, event) {
    const near = 2 * (this.last - this.first) / this.width();
    const on = (spans, from, to) => spans.find((s) => cycle >= s[from] && cycle < s[to]) ||
      spans.find((s) => cycle >= s[from] - near && cycle < s[to] + near);
    if (lane.kind === 'layer') {
      const layer = layers.find((l) => cycle >= l.begin && cycle < l.end);
      return layer && layerTip(layer);
    }
    if (lane.kind === 'engine') {
      const slice = on(this.visible(this.slices[lane.index], 5, 6), 5, 6);
      if (slice) {
        return lines(`${layers[slice[2]].name} · ${slice[3]}`, [['descriptor', slice[0]], ['cycles', `${whole(slice[5])} – ${whole(slice[6])} (${whole(slice[6] - slice[5])})`],
          ['taken by the engine', slice[4] < slice[5] ? `${whole(slice[5] - slice[4])} cycles before` : 'then']]);
      }
      const wait = on(this.visible(this.waits[lane.index], 1, 2), 1, 2);
      return wait && lines(`${lane.name} waits for semaphores`, [['cycles', `${whole(wait[1])} – ${whole(wait[2])} (${whole(wait[2] - wait[1])})`]]);
    }
    if (lane.kind === 'bus') {
      const burst = on(this.visible(this.bursts[lane.index], 3, 4), 3, 4);
      return burst && lines(timeline.burst_names[burst[1]], [['burst', `${whole(burst[6])} B at 0x${burst[5].toString(16)}`], ['asked for in', whole(burst[2])],
        ['data', `${whole(burst[3])} – ${whole(burst[4])}`]]);
    }
    const word = this.wordAt(event.clientY - this.canvas.getBoundingClientRect().top);
    const held = timeline.held.find((h) => word >= h[0] && word < h[0] + h[1] && cycle >= h[4] && cycle < h[5]);
    return held ? lines(`${HOLDING_WORDS[held[3]]} ${layers[held[2]].name}`, [['', HOLDING_NOTES[held[3]]], ['words', `${whole(held[0])} – ${whole(held[0] + held[1] - 1)}`],
      ['cycles', `${whole(held[4])} – ${whole(held[5])}`]]) : [`word ${whole(word)}, cycle ${whole(cycle)}: nothing held`];
  }
}

legend('timeline-legend', [
  ['repeating-linear-gradient(135deg, var(--wait) 0 1.5px, transparent 1.5px 4px)', 'waits for semaphores'],
  ...ACTIVITIES.slice(0, 5).map((name, index) => [`var(--${name})`, ACTIVITY_WORDS[index]]),
  ['color-mix(in srgb, var(--array) 38%, transparent)', 'act memory: staged input'],
  ['color-mix(in srgb, var(--array) 66%, transparent)', 'output on its way out'],
  ['var(--array)', 'tensor that stays']]);
