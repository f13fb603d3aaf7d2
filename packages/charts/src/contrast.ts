/** Owns the contrast of two colours as WCAG 2 defines it: 1 to 21, from the relative luminance of sRGB. */

/** Colours as #rrggbb. 4.5 is AA for text, 3 for marks that carry meaning. */
export function contrastOf(one: string, other: string): number {
  const light = Math.max(relativeLuminance(one), relativeLuminance(other));
  const dark = Math.min(relativeLuminance(one), relativeLuminance(other));
  return (light + 0.05) / (dark + 0.05);
}

function relativeLuminance(hex: string): number {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (match === null) throw new TypeError(`measure contrast: ${hex} is not a colour as #rrggbb`);
  const [red, green, blue] = match.slice(1).map((channel) => {
    const value = Number.parseInt(channel, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
