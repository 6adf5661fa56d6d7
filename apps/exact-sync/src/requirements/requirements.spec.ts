import { describe, expect, it } from 'vitest';
import { requirements, requirementsLetter } from './requirements.js';

describe('what is to be asked of the vendor', () => {
  it('follows from what is enabled', () => {
    const asked = requirements({ environment: 'qa', resources: ['appointment'] });
    expect(asked).toMatchObject({
      minimumVersion: '13.842',
      scopes: ['appointment.get', 'appointment.list', 'practice.get', 'productsubscription.get'],
      resources: [{ resource: 'appointment', scopes: ['appointment.list'], detailScope: 'appointment.get' }],
    });
  });

  it('is a letter that can be sent as it is', () => {
    const letter = requirementsLetter(requirements({ environment: 'production', resources: [] }));
    expect(letter).toContain('Minimum EXACT version of a subscribing practice: 13.842');
    expect(letter).toContain('productsubscription.get (without it nothing works)');
    expect(letter).toContain('patient: patient.list, EXACT 13.842; more of it with patient.get');
  });

  it('names a resource that there is not', () => {
    expect(() => requirements({ environment: '', resources: ['patients'] })).toThrow('there are practice');
  });
});
