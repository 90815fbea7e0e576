import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { asServiceError, type ServiceError } from '../../api/errors';
import { Page } from '../../app/Page';
import { ErrorText } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { useI18n } from '../../i18n/I18n';

interface Properties {
  /** Also what its button says. */
  readonly title: string;
  /** The list that the new thing will be in. */
  readonly list: { readonly text: string; readonly path: string };
  readonly help: string;
  readonly heading: string;
  /** What has to be there is there. */
  readonly ready: boolean;
  readonly onCreate: () => Promise<void>;
  readonly secondaryActions?: ReactNode;
  readonly children: ReactNode;
}

/** A page with one form that makes one thing. What the service says against it stands below the fields. */
export function CreateForm({ title, list, help, heading, ready, onCreate, secondaryActions, children }: Properties) {
  const { t } = useI18n();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const create = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onCreate();
    } catch (failure) {
      setError(asServiceError(failure));
      setBusy(false);
    }
  };
  return (
    <Page title={title} crumbs={[list, { text: title }]} contentType="form" help={<p>{help}</p>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) void create();
        }}
      >
        <Form
          errorText={error ? <ErrorText error={error} /> : undefined}
          secondaryActions={secondaryActions}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <RouteButton path={list.path} variant="link">
                {t('common.cancel')}
              </RouteButton>
              <Button variant="primary" loading={busy} disabled={!ready}>
                {title}
              </Button>
            </SpaceBetween>
          }
        >
          <Container header={<Header variant="h2">{heading}</Header>}>
            <SpaceBetween size="l">{children}</SpaceBetween>
          </Container>
        </Form>
      </form>
    </Page>
  );
}
