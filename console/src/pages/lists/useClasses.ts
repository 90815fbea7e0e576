import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listRows, type ClassCount, type ImageList } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';
import { classNames, type ClassNames } from './classNames';
import { folderNames } from './folderNames';

/** Rows that names of classes are taken from. */
const looked = 5000;

const none: readonly ClassCount[] = [];

/** The classes of a list with the names that its folders give them. */
export function useClasses(list: ImageList | undefined): { readonly classes: readonly ClassCount[]; readonly names: ClassNames } {
  const { measure } = useI18n();
  const found = useQuery<ReadonlyMap<number, string>>({
    queryKey: ['list-class-names', list?.Id, list?.Version],
    enabled: list?.Form === 'class',
    staleTime: Infinity,
    placeholderData: (previous) => previous,
    queryFn: async ({ signal }) => folderNames((await listRows({ id: list?.Id ?? '', version: list?.Version ?? 1, draft: undefined }, {}, 0, looked, signal)).Rows),
  });
  const counts = list?.Classes ?? none;
  return useMemo(() => {
    const classes = counts.map((one): ClassCount => {
      const name = found.data?.get(one.Label);
      return name === undefined ? one : { ...one, Name: name };
    });
    return { classes, names: classNames(classes, measure) };
  }, [counts, found.data, measure]);
}
