import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import type { ReactNode } from 'react';
import { hrefOf } from '../base/paths';
import { useFollow } from '../app/useRoute';

/** A button that goes to a page of the console. */
export function RouteButton({ path, children, ...rest }: { path: string; children: ReactNode } & Pick<ButtonProps, 'variant' | 'disabled' | 'iconName'>) {
  const follow = useFollow();
  return (
    <Button href={hrefOf(path)} onFollow={follow} {...rest}>
      {children}
    </Button>
  );
}
