import { found, type Finding } from '../finding.ts';
import { rowOf, shapeOf, zoneOf, type Row } from '../provet/rows.ts';
import { ask, bodyForm, pathOf, type ExactSubject } from './subject.ts';

/** What the practice's details look like: version, zone, hours. Only forms are told, but for version and country. */
export async function detailsFindings(subject: ExactSubject): Promise<Finding[]> {
  const answer = await ask(subject.base, pathOf(subject, 'details'));
  const details = answer.status === 200 ? rowOf(answer.json) : null;
  const about = { id: 'details', statement: 'practice details', section: '§5' };
  if (details === null) {
    return [
      found(about, 'seen', `${answer.status}, ${bodyForm(answer)}`, {
        contradicts: 'a practice becomes active only once its details are read',
      }),
    ];
  }
  return [
    versionFinding(subject, details),
    zoneFinding(subject, details),
    found(
      { id: 'details.opening-hours', statement: 'form of openingHours', section: '§5' },
      'seen',
      shapeOf(details['openingHours'], 2),
    ),
    found(
      { id: 'details.locations', statement: 'form of locations', section: '§5' },
      'seen',
      shapeOf(details['locations'], 2),
    ),
    updatedOnFinding(details),
  ];
}

function versionFinding({ connector, resources }: ExactSubject, details: Row): Finding {
  const about = { id: 'details.version', statement: 'form of pmsVersion', section: '§8' };
  const version = details['pmsVersion'] ?? details['pmsDisplayVersion'];
  if (version === undefined || version === null) return found(about, 'seen', 'missing: nothing is refused locally');
  const text = typeof version === 'number' ? String(version) : version;
  if (typeof text !== 'string') return found(about, 'seen', shapeOf(version));
  const lacking = resources.filter(
    ({ name }) => (connector.compareVersions(text, connector.minimumVersionOf(name)) ?? 0) < 0,
  );
  if (connector.compareVersions(text, '13.842') === null) {
    return found(about, 'seen', `${JSON.stringify(text)}, which does not begin with numbers`, {
      contradicts: 'versions are compared part by part as numbers; this one cannot be',
    });
  }
  const lacks = lacking.length === 0 ? '' : `; too old for ${lacking.map(({ name }) => name).join(', ')}`;
  return found(about, 'seen', `${typeof version}, ${JSON.stringify(text)}${lacks}`);
}

function zoneFinding({ connector, now }: ExactSubject, details: Row): Finding {
  const about = { id: 'details.zone', statement: 'country, and the offset that goes with it', section: '§4.2' };
  const [country, subdivision] = ['country', 'countrySubdivision'].map((name) => {
    const value = details[name];
    return typeof value === 'string' ? value : null;
  }) as [string | null, string | null];
  const zone = connector.zoneOfCountry(country, subdivision);
  const offset = details['practiceTimezoneUtcOffsetMinutes'];
  if (zone === null) {
    return found(about, 'seen', `country ${JSON.stringify(country)}, whose zone the relay does not know`, {
      contradicts: `hours of practices in ${JSON.stringify(country)} are learnt in another country's time`,
    });
  }
  const minutes = offsetMinutes(zone, now);
  const fits = typeof offset !== 'number' || offset === minutes;
  return found(about, 'seen', `${JSON.stringify(country)}: ${zone}, now ${minutes} min; it says ${String(offset)}`, {
    contradicts: fits
      ? null
      : `the clocks of ${zone} show ${minutes} min beyond UTC, the practice says ${String(offset)}`,
  });
}

function updatedOnFinding(details: Row): Finding {
  const about = { id: 'details.updatedOn', statement: 'how updatedOn is written', section: '§5' };
  const zone = zoneOf(details['updatedOn']);
  return found(about, 'seen', zone === null ? 'missing, or no time' : `with ${zone}`);
}

/** What the clocks of a zone show beyond UTC. */
function offsetMinutes(zone: string, now: number): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(now);
  const [, sign = '+', hours = '0', minutes = '0'] =
    /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
