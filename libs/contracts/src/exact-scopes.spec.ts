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
    expect(exactScopeSet('practice', granted)).toEqual({ kind: 'granted', scopes: exactScopeText(EXACT_BASE_SCOPES) });
    expect(exactScopeSet('patient', granted)).toEqual({
      kind: 'granted',
      scopes: 'patient.get patient.list practice.get productsubscription.get',
    });
  });

  it('names every scope that a resource lacks', () => {
    const granted = [...EXACT_BASE_SCOPES, 'patient.list', 'practitioner.get'];
    expect(exactScopeSet('patient', granted)).toEqual({ kind: 'missing', missing: ['patient.get'] });
    expect(exactScopeSet('appointment', granted)).toEqual({
      kind: 'missing',
      missing: ['appointment.get', 'appointment.list'],
    });
    expect(exactScopeSet('practice', [])).toEqual({ kind: 'missing', missing: [...EXACT_BASE_SCOPES] });
  });

  it('puts a scope that it does not know into every set, and one of another resource into none', () => {
    const granted = [...EXACT_BASE_SCOPES, 'patient.list', 'patient.get', 'x.new', 'appointment.list'];
    expect(exactScopeSet('patient', granted)).toEqual({
      kind: 'granted',
      scopes: 'patient.get patient.list practice.get productsubscription.get x.new',
    });
  });
});
