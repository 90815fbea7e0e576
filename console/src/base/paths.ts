/** Addresses of the console's pages below its base, and as the browser sees them. */
export const basePath = '/console';

const segment = encodeURIComponent;

export const paths = {
  home: '/',
  jobs: '/training/jobs',
  createJob: '/training/jobs/create',
  cloneJob: (name: string): string => `/training/jobs/create?clone=${segment(name)}`,
  continueJob: (name: string): string => `/training/jobs/create?continue=${segment(name)}`,
  compareJobs: (a: string, b: string): string => `/training/jobs/compare?a=${segment(a)}&b=${segment(b)}`,
  job: (name: string): string => `/training/jobs/${segment(name)}`,
  algorithms: '/training/algorithms',
  models: '/inference/models',
  model: (name: string): string => `/inference/models/${segment(name)}`,
  createModel: (job?: string): string => `/inference/models/create${job === undefined ? '' : `?job=${segment(job)}`}`,
  endpoints: '/inference/endpoints',
  endpoint: (name: string): string => `/inference/endpoints/${segment(name)}`,
  createEndpoint: (model?: string): string => `/inference/endpoints/create${model === undefined ? '' : `?model=${segment(model)}`}`,
  buckets: '/data/s3',
  bucket: (bucket: string, prefix = ''): string => `/data/s3/${segment(bucket)}${prefix === '' ? '' : `?prefix=${segment(prefix)}`}`,
  fileSystems: '/data/filesystems',
  settings: '/system/settings',
  licences: '/licenses',
} as const;

export function hrefOf(path: string): string {
  return basePath + path;
}

/** Where an s3:// address is looked at; an object is its folder with the object chosen. */
export function storePath(bucket: string, key: string): string {
  const cut = key.lastIndexOf('/') + 1;
  const folder = paths.bucket(bucket, key.slice(0, cut));
  return cut === key.length ? folder : `${folder}${folder.includes('?') ? '&' : '?'}object=${segment(key)}`;
}
