import type { Area } from './area.ts';

/**
 * ISO 3166-1 alpha-2 countries by continent, as GeoNames and so the common location databases sort them; with XK
 * (Kosovo), which they use and ISO reserves for users.
 */
const COUNTRIES_BY_CONTINENT: Readonly<Record<string, string>> = {
  AF: `AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE
       NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW`,
  AN: 'AQ BV GS HM TF',
  AS: `AE AF AM AZ BD BH BN BT CC CN CX GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH
       PK PS QA SA SG SY TH TJ TM TR TW UZ VN YE`,
  EU: `AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT
       NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK`,
  NA: `AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US
       VC VG VI`,
  OC: 'AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TL TO TV UM VU WF WS',
  SA: 'AR BO BR CL CO EC FK GF GY PE PY SR UY VE',
};

const CONTINENT_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(COUNTRIES_BY_CONTINENT).flatMap(([continent, countries]) =>
    countries.split(/\s+/).map((country) => [country, continent] as const),
  ),
);

/** Most entries of one area. */
const MAX_AREA_ENTRIES = 300;

/** The continent (AF AN AS EU NA OC SA) of an ISO 3166-1 alpha-2 country in upper case; '' where unknown. */
export function continentOf(country: string): string {
  return CONTINENT_OF.get(country) ?? '';
}

/** Reads `continent:EU, CH`: continents and countries in any case, each of them known, at least one. */
export function parseArea(text: string): Area | undefined {
  const entries = text.split(',').map((entry) => entry.trim().toUpperCase());
  if (entries.length > MAX_AREA_ENTRIES) return undefined;
  const continents = new Set<string>();
  const countries = new Set<string>();
  for (const entry of entries) {
    const continent = /^CONTINENT:\s*([A-Z]{2})$/.exec(entry)?.[1];
    if (continent !== undefined && Object.hasOwn(COUNTRIES_BY_CONTINENT, continent)) continents.add(continent);
    else if (CONTINENT_OF.has(entry)) countries.add(entry);
    else return undefined;
  }
  return { continents: [...continents].toSorted(), countries: [...countries].toSorted() };
}
