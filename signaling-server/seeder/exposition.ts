/** Prometheus text format 0.0.4: the few lines of it that counters and gauges need. */
import { metricHeader, METRICS, type MetricName } from '#protocol/metric-catalogue';

export interface Sample {
  readonly name: MetricName;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const escapeLabel = (text: string): string => text.replace(/[\\"\n]/g, (letter) => (letter === '\n' ? '\\n' : `\\${letter}`));

/** All samples, grouped under the header of their metric; names without samples are left out. */
export function writeExposition(samples: readonly Sample[]): string {
  const groups = new Map<MetricName, Sample[]>();
  for (const sample of samples) groups.set(sample.name, [...(groups.get(sample.name) ?? []), sample]);
  let text = '';
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const group = groups.get(name);
    if (!group) continue;
    text += metricHeader(name);
    for (const { labels, value } of group) text += `${name}${writeLabels(labels)} ${value}\n`;
  }
  return text;
}

function writeLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}
