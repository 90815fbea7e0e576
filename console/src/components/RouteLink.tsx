import Link, { type LinkProps } from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import { hrefOf } from '../base/paths';
import { useFollow } from '../app/useRoute';

/** A link to a page of the console. */
export function RouteLink({ path, children, ...rest }: { path: string; children: ReactNode } & Pick<LinkProps, 'variant' | 'fontSize' | 'ariaLabel'>) {
  const follow = useFollow();
  return (
    <Link href={hrefOf(path)} onFollow={follow} {...rest}>
      {children}
    </Link>
  );
}
