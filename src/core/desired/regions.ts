import type { Location } from './area.ts';
import { continentOf } from './countries.ts';

/** Where a cloud region is: degrees, north and east positive, and the ISO 3166-1 alpha-2 country. */
export type Region = { readonly lat: number; readonly lon: number; readonly country: string };

/**
 * Well-known regions of AWS, Google Cloud and Azure, as `name lat lon country`. The providers name a city or a
 * metropolitan area, never a street: the places are the middles of those, to a tenth of a degree (about 11 km).
 */
const TABLE = `
  us-east-1 39.0 -77.5 US, us-east-2 40.0 -83.0 US, us-west-1 37.4 -122.0 US, us-west-2 45.9 -119.3 US
  ca-central-1 45.5 -73.6 CA, ca-west-1 51.0 -114.1 CA, mx-central-1 20.6 -100.4 MX, sa-east-1 -23.5 -46.6 BR
  eu-west-1 53.3 -6.3 IE, eu-west-2 51.5 -0.1 GB, eu-west-3 48.9 2.4 FR, eu-central-1 50.1 8.7 DE
  eu-central-2 47.4 8.5 CH, eu-north-1 59.3 18.1 SE, eu-south-1 45.5 9.2 IT, eu-south-2 41.6 -0.9 ES
  il-central-1 32.1 34.8 IL, me-south-1 26.1 50.6 BH, me-central-1 25.2 55.3 AE, af-south-1 -33.9 18.4 ZA
  ap-south-1 19.1 72.9 IN, ap-south-2 17.4 78.5 IN, ap-southeast-1 1.3 103.8 SG, ap-southeast-2 -33.9 151.2 AU
  ap-southeast-3 -6.2 106.8 ID, ap-southeast-4 -37.8 145.0 AU, ap-southeast-5 3.1 101.7 MY, ap-southeast-7 13.8 100.5 TH
  ap-northeast-1 35.7 139.7 JP, ap-northeast-2 37.6 127.0 KR, ap-northeast-3 34.7 135.5 JP, ap-east-1 22.3 114.2 HK

  us-central1 41.3 -95.9 US, us-east1 33.2 -80.0 US, us-east4 39.0 -77.5 US, us-east5 40.0 -83.0 US
  us-south1 32.8 -96.8 US, us-west1 45.6 -121.2 US, us-west2 34.1 -118.2 US, us-west3 40.8 -111.9 US, us-west4 36.2 -115.1 US
  northamerica-northeast1 45.5 -73.6 CA, northamerica-northeast2 43.7 -79.4 CA
  southamerica-east1 -23.5 -46.6 BR, southamerica-west1 -33.4 -70.7 CL
  europe-west1 50.4 3.8 BE, europe-west2 51.5 -0.1 GB, europe-west3 50.1 8.7 DE, europe-west4 53.4 6.8 NL
  europe-west6 47.4 8.5 CH, europe-west8 45.5 9.2 IT, europe-west9 48.9 2.4 FR, europe-west10 52.5 13.4 DE
  europe-west12 45.1 7.7 IT, europe-central2 52.2 21.0 PL, europe-north1 60.6 27.2 FI, europe-southwest1 40.4 -3.7 ES
  me-west1 32.1 34.8 IL, me-central1 25.3 51.5 QA, africa-south1 -26.2 28.0 ZA
  asia-east1 24.1 120.5 TW, asia-east2 22.3 114.2 HK, asia-northeast1 35.7 139.7 JP, asia-northeast2 34.7 135.5 JP
  asia-northeast3 37.6 127.0 KR, asia-south1 19.1 72.9 IN, asia-south2 28.6 77.2 IN, asia-southeast1 1.3 103.8 SG
  asia-southeast2 -6.2 106.8 ID, australia-southeast1 -33.9 151.2 AU, australia-southeast2 -37.8 145.0 AU

  eastus 37.4 -79.8 US, eastus2 36.7 -78.4 US, centralus 41.6 -93.6 US, northcentralus 41.9 -87.6 US
  southcentralus 29.4 -98.5 US, westus 37.8 -122.4 US, westus2 47.2 -119.9 US, westus3 33.4 -112.1 US
  canadacentral 43.7 -79.4 CA, canadaeast 46.8 -71.2 CA, brazilsouth -23.5 -46.6 BR, mexicocentral 20.6 -100.4 MX
  northeurope 53.3 -6.3 IE, westeurope 52.4 4.9 NL, uksouth 51.5 -0.1 GB, ukwest 51.5 -3.2 GB
  francecentral 48.9 2.4 FR, germanywestcentral 50.1 8.7 DE, switzerlandnorth 47.4 8.5 CH, swedencentral 60.7 17.1 SE
  norwayeast 59.9 10.8 NO, polandcentral 52.2 21.0 PL, italynorth 45.5 9.2 IT, spaincentral 40.4 -3.7 ES
  uaenorth 25.2 55.3 AE, qatarcentral 25.3 51.5 QA, israelcentral 32.1 34.8 IL, southafricanorth -26.2 28.0 ZA
  centralindia 18.5 73.9 IN, southindia 13.1 80.3 IN, eastasia 22.3 114.2 HK, southeastasia 1.3 103.8 SG
  japaneast 35.7 139.7 JP, japanwest 34.7 135.5 JP, koreacentral 37.6 127.0 KR, australiaeast -33.9 151.2 AU
`;

/** Cloud regions by name. No two providers share a name. */
export const REGIONS: ReadonlyMap<string, Region> = new Map(
  TABLE.split(/[,\n]/).flatMap((entry) => {
    const [name = '', lat, lon, country = ''] = entry.trim().split(/\s+/);
    return name === '' ? [] : [[name, Object.freeze({ lat: Number(lat), lon: Number(lon), country })] as const];
  }),
);

/** The place of a cloud region; undefined for names that are not in the table. */
export function locationOfRegion(name: string): Location | undefined {
  const region = REGIONS.get(name);
  return region && Object.freeze({ ...region, continent: continentOf(region.country) });
}
