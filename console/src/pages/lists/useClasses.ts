import { useMemo } from 'react';
import type { ClassCount, ImageList } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';
import { classNames, type ClassNames } from './classNames';

const none: readonly ClassCount[] = [];

/** The classes of a list, and how its labels are written. */
export function useClasses(list: ImageList | undefined): { readonly classes: readonly ClassCount[]; readonly names: ClassNames } {
  const { measure } = useI18n();
  const classes = list?.Classes ?? none;
  return useMemo(() => ({ classes, names: classNames(classes, measure) }), [classes, measure]);
}
