import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Hyperparameter, Problem } from '../../api/mr';
import { useI18n } from '../../i18n/I18n';
import { shortMessage } from './problems';

interface Properties {
  readonly fields: readonly Hyperparameter[];
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (values: Record<string, string>) => void;
  readonly problems: readonly Problem[];
}

/** A value as it is meant: other clients send the JSON text of a string. */
function plain(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1) : value;
}

function Field({ field, value, error, onChange }: { field: Hyperparameter; value: string; error: string | undefined; onChange: (value: string) => void }) {
  const { t } = useI18n();
  const choices = [...(field.choices ?? []), ...(field.takes_auto ? ['auto'] : [])];
  const usual = field.default === undefined ? '' : t('create.defaultIs', { value: field.default });
  return (
    <FormField
      label={field.required ? field.name : <>{field.name} <i>– {t('common.optional')}</i></>}
      description={field.doc}
      constraintText={[field.expects === undefined ? '' : t('create.expects', { what: field.expects }), usual].filter((text) => text !== '').join(' ')}
      errorText={error}
    >
      {field.type === 'Categorical' && choices.length > 0 ? (
        <Select
          selectedOption={value === '' ? null : { value, label: value }}
          placeholder={field.default ?? t('create.choose')}
          options={[...(field.required ? [] : [{ value: '', label: t('create.useDefault') }]), ...choices.map((choice) => ({ value: choice, label: choice }))]}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
        />
      ) : (
        <Input value={value} placeholder={field.default ?? ''} inputMode={field.type === 'Integer' ? 'numeric' : field.type === 'Continuous' ? 'decimal' : 'text'} onChange={({ detail }) => onChange(detail.value)} />
      )}
    </FormField>
  );
}

/** The form of an algorithm as its description draws it: what it must have first, the rest folded away. */
export function HyperparameterForm({ fields, values, onChange, problems }: Properties) {
  const { t, tn } = useI18n();
  const set = (name: string, value: string): void => {
    const { [name]: _, ...others } = values;
    onChange(value === '' ? others : { ...others, [name]: value });
  };
  const error = (name: string): string | undefined => {
    const found = problems.find((problem) => problem.Field === `hyperparameter '${name}'`);
    return found ? shortMessage(found.Message) : undefined;
  };
  const grid = (shown: readonly Hyperparameter[]): React.ReactNode => (
    <Grid gridDefinition={shown.map(() => ({ colspan: { default: 12, s: 6 } }))}>
      {shown.map((field) => (
        <Field key={field.name} field={field} value={plain(values[field.name] ?? '')} error={error(field.name)} onChange={(value) => set(field.name, value)} />
      ))}
    </Grid>
  );
  const required = fields.filter((field) => field.required);
  const optional = fields.filter((field) => !field.required);
  const changed = optional.filter((field) => values[field.name] !== undefined).length;
  const unknown = Object.keys(values).filter((name) => !name.startsWith('_') && !fields.some((field) => field.name === name));
  return (
    <SpaceBetween size="l">
      {required.length > 0 && grid(required)}
      {unknown.map((name) => (
        <FormField key={name} label={name} errorText={error(name) ?? t('create.unknownHyperparameter')}>
          <Input value={values[name] ?? ''} onChange={({ detail }) => set(name, detail.value)} />
        </FormField>
      ))}
      {optional.length > 0 && (
        <ExpandableSection
          headerText={tn('create.optionalHyperparameters', optional.length)}
          {...(changed > 0 ? { headerCounter: `(${t('create.changed', { count: changed })})` } : {})}
          defaultExpanded={required.length === 0 || changed > 0}
        >
          {grid(optional)}
        </ExpandableSection>
      )}
      {fields.length === 0 && <Box color="text-body-secondary">{t('job.noHyperparameters')}</Box>}
    </SpaceBetween>
  );
}
