// Chart: groups of horizontal bars as an SVG that reads in light and in dark.

const WIDTH = 720;
const LABEL = 130;
const VALUE = 120;
const BAR = 18;
const GAP = 6;
const TITLE = 30;

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {number} value
 * @property {string} text
 * @property {'ours' | 'other' | 'limit'} kind
 */
/**
 * @typedef {object} Group
 * @property {string} title
 * @property {readonly Bar[]} bars
 */

const COLORS = { ours: '#2f81f7', other: '#8b949e', limit: '#2da44e' };

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {Bar} bar @param {number} y @param {number} most */
function barOf({ label, value, text, kind }, y, most) {
  const width = Math.max(1, ((WIDTH - LABEL - VALUE) * value) / most);
  const baseline = y + BAR - 5;
  return [
    `<text x="${LABEL - 8}" y="${baseline}" text-anchor="end">${escape(label)}</text>`,
    `<rect x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${COLORS[kind]}"/>`,
    `<text x="${(LABEL + width + 6).toFixed(1)}" y="${baseline}">${escape(text)}</text>`,
  ].join('\n');
}

/**
 * @param {string} title
 * @param {readonly Group[]} groups
 */
export function barChart(title, groups) {
  let y = TITLE;
  const parts = groups
    .filter(({ bars }) => bars.length > 0)
    .map((group) => {
      const most = Math.max(...group.bars.map(({ value }) => value), Number.MIN_VALUE);
      const heading = `<text x="8" y="${y + BAR - 4}" class="soft">${escape(group.title)}</text>`;
      y += BAR + GAP;
      const bars = group.bars.map((bar) => {
        const drawn = barOf(bar, y, most);
        y += BAR + GAP;
        return drawn;
      });
      y += GAP;
      return [heading, ...bars].join('\n');
    });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>${escape(title)}</title>`,
    '<style>text{fill:#1f2328}.soft{fill:#59636e}@media (prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9198a1}}</style>',
    `<text x="8" y="20" font-weight="600">${escape(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
