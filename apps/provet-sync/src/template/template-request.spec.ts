import { describe, expect, it } from 'vitest';
import { templateLetter, templateRequest, type TemplateFacts } from './template-request.js';

const FACTS: TemplateFacts = {
  name: 'Our product',
  description: 'Keeps it in step.',
  grant: 'client_credentials',
  markets: ['FI', 'SE'],
  publicUrl: 'https://relay.example.com/',
  hookupUrl: 'https://relay.example.com/hookup/provet/********',
  resources: ['client', 'patient', 'invoice', 'vatgroup'],
  makesHooks: true,
};

describe('the request for an integration template', () => {
  it('asks to read what is relayed, and to write nothing but webhooks', () => {
    const { permissions, withoutPermission, redirectUri } = templateRequest(FACTS);
    expect(permissions.map(({ permission, read, write }) => [permission, read, write])).toEqual([
      ['General: Patients and clients', true, false],
      ['Financial: Invoices', true, false],
      ['Settings: Integration settings', true, true],
    ]);
    expect(permissions[0]).toMatchObject({ key: 'patients-clients', for: ['client', 'patient'] });
    expect(permissions[1]?.key).toBeNull();
    expect(withoutPermission).toEqual(['vatgroup']);
    expect(redirectUri).toBe('https://relay.example.com/oauth/callback');
  });

  it('asks for no webhooks where none are made', () => {
    const { permissions } = templateRequest({ ...FACTS, makesHooks: false });
    expect(permissions.some(({ write }) => write)).toBe(false);
  });

  it('takes the usual resources where none are named, and names one that is unknown', () => {
    expect(templateRequest({ ...FACTS, resources: [] }).permissions.length).toBeGreaterThan(3);
    expect(() => templateRequest({ ...FACTS, resources: ['clinet'] })).toThrow(/clinet.*client/);
  });

  it('is a letter that can be sent', () => {
    const letter = templateLetter(templateRequest(FACTS));
    expect(letter).toContain('| General: Patients and clients | `patients-clients` | yes | no | client, patient |');
    expect(letter).toContain('- **Markets:** FI, SE');
    expect(letter).toContain('/hookup/provet/********');
  });
});
