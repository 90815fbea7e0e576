import type { MessageKey } from '../i18n/en';

export interface NavigationEntry {
  readonly label: MessageKey;
  readonly path: string;
}

export interface NavigationSection {
  readonly label: MessageKey;
  readonly entries: readonly NavigationEntry[];
}

/** The side navigation, and what the search finds by name. A page joins by an entry here and a route in router.tsx. */
export const navigation: readonly NavigationSection[] = [
  {
    label: 'nav.training',
    entries: [
      { label: 'nav.trainingJobs', path: '/training/jobs' },
      { label: 'nav.algorithms', path: '/training/algorithms' },
    ],
  },
  {
    label: 'nav.inference',
    entries: [
      { label: 'nav.models', path: '/inference/models' },
      { label: 'nav.endpoints', path: '/inference/endpoints' },
    ],
  },
  {
    label: 'nav.data',
    entries: [
      { label: 'nav.buckets', path: '/data/s3' },
      { label: 'nav.fileSystems', path: '/data/filesystems' },
      { label: 'nav.lists', path: '/data/lists' },
      { label: 'nav.proposals', path: '/data/proposals' },
      { label: 'nav.impact', path: '/data/impact' },
    ],
  },
  {
    label: 'nav.system',
    entries: [
      { label: 'nav.settings', path: '/system/settings' },
      { label: 'nav.licences', path: '/licenses' },
    ],
  },
];
