// Chart: horizontal bars as an SVG that reads in light and in dark.

const WIDTH = 720;
const LABEL = 250;
const BAR = 18;
const GAP = 8;

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * @param {string} title
 * @param {readonly { label: string, value: number, text: string, ours: boolean }[]} bars
 */
export function barChart(title, bars) {
  const top = 34;
  const height = top + bars.length * (BAR + GAP) + GAP;
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const rows = bars.map(({ label, value, text, ours }, i) => {
    const y = top + i * (BAR + GAP);
    const width = Math.max(1, ((WIDTH - LABEL - 110) * value) / most);
    return (
      `<text x="${LABEL - 8}" y="${y + BAR - 5}" text-anchor="end">${escape(label)}</text>` +
      `<rect x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${ours ? '#2f81f7' : '#8b949e'}"/>` +
      `<text x="${(LABEL + width + 6).toFixed(1)}" y="${y + BAR - 5}">${escape(text)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img">` +
    `<title>${escape(title)}</title>` +
    '<style>text{fill:#1f2328}@media (prefers-color-scheme: dark){text{fill:#e6edf3}}</style>' +
    `<text x="8" y="20" font-weight="600">${escape(title)}</text>${rows.join('')}</svg>\n`
  );
}
