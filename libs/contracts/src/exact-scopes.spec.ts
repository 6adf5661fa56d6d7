import { describe, expect, it } from 'vitest';
import { EXACT_BASE_SCOPES, exactScopeSet, exactScopeText, exactScopesWanted } from './exact-scopes.js';

describe('scopes of EXACT', () => {
  it('asks for the base and for what the resources need, none twice', () => {
    expect(exactScopesWanted(['practice'])).toEqual([...EXACT_BASE_SCOPES]);
    expect(exactScopesWanted(['appointment', 'appointment'])).toEqual([
      'appointment.get',
      'appointment.list',
      'practice.get',
      'productsubscription.get',
    ]);
    expect(exactScopesWanted(['invoice'])).toEqual([...EXACT_BASE_SCOPES]);
  });

  it('gives each resource a set of its own', () => {
    const granted = exactScopesWanted(['appointment', 'patient']);
    expect(exactScopeSet('practice', granted)).toMatchObject({
      kind: 'granted',
      scopes: exactScopeText(EXACT_BASE_SCOPES),
    });
    expect(exactScopeSet('patient', granted)).toEqual({
      kind: 'granted',
      scopes: 'patient.get patient.list practice.get productsubscription.get',
      listOnly: false,
    });
  });

  it('reads a resource by its list where the scope for details is not granted', () => {
    expect(exactScopeSet('patient', [...EXACT_BASE_SCOPES, 'patient.list'])).toEqual({
      kind: 'granted',
      scopes: 'patient.list practice.get productsubscription.get',
      listOnly: true,
    });
    expect(exactScopeSet('practice', EXACT_BASE_SCOPES)).toMatchObject({ listOnly: false });
  });

  it('names every scope that a resource lacks', () => {
    const granted = [...EXACT_BASE_SCOPES, 'patient.list', 'practitioner.get'];
    expect(exactScopeSet('practitioner', granted)).toEqual({ kind: 'missing', missing: ['practitioner.list'] });
    expect(exactScopeSet('appointment', granted)).toEqual({
      kind: 'missing',
      missing: ['appointment.list'],
    });
    expect(exactScopeSet('practice', [])).toEqual({ kind: 'missing', missing: [...EXACT_BASE_SCOPES] });
  });

  it('reads contact details with what is granted of them, and not at all without any', () => {
    const granted = [...EXACT_BASE_SCOPES, 'patient.list', 'patient.get'];
    const email = 'patient.get.contactdetails.email';
    const phone = 'patient.get.contactdetails.phone';
    expect(exactScopeSet('contact-details', granted)).toEqual({ kind: 'missing', missing: [email, phone] });
    expect(exactScopeSet('contact-details', [...granted, email])).toEqual({
      kind: 'granted',
      scopes: `patient.get ${email} patient.list practice.get productsubscription.get`,
      listOnly: false,
    });
    // They are in no other set: a token shows no more than what it is for.
    const set = exactScopeSet('patient', [...granted, email, phone]);
    expect(set.kind === 'granted' && set.scopes).not.toContain('contactdetails');
  });

  it('puts a scope that it does not know into every set, and one of another resource into none', () => {
    const granted = [...EXACT_BASE_SCOPES, 'patient.list', 'patient.get', 'x.new', 'appointment.list'];
    expect(exactScopeSet('patient', granted)).toEqual({
      kind: 'granted',
      scopes: 'patient.get patient.list practice.get productsubscription.get x.new',
      listOnly: false,
    });
  });
});
