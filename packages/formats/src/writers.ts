/** Owns the list of writers, one line a format. */

import { writeFirefox } from './firefox/write-firefox.js';
import { writeFolded } from './folded/write-folded.js';
import type { SampleOutputFormat } from './format-names.js';
import { writeHtml } from './html/write-html.js';
import { writeJson } from './json/write-json.js';
import { writeOtlp } from './otlp/write-otlp.js';
import { writePprof } from './pprof/write-pprof.js';
import { writeSpeedscope } from './speedscope/write-speedscope.js';
import { writeSvg } from './svg/write-svg.js';
import type { Writer } from './write.js';

export const WRITERS: Readonly<Record<SampleOutputFormat, Writer>> = {
  folded: writeFolded,
  pprof: writePprof,
  firefox: writeFirefox,
  speedscope: writeSpeedscope,
  otlp: writeOtlp,
  svg: writeSvg,
  html: writeHtml,
  json: writeJson,
};
