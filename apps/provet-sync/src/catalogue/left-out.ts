/** A path of the vendor's that is no entry of the catalogue, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

const belowAParent =
  'is listed only below one parent: no list shows all of it, so neither a first reading nor a sweep is possible';
const noList = 'offers no list';
const noRecords = 'answers a question; what it shows are no records with ids';

/** What the vendor's schema has and the relay does not read. */
export const LEFT_OUT: readonly LeftOut[] = [
  {
    path: 'patient/{id}/{weight,temperature,heart_rate,respiratory_rate,blood_pressure,…,extras}',
    reason: belowAParent,
  },
  { path: 'patient/{id}/{external_vaccination,consultations,custom_field_values}', reason: belowAParent },
  { path: 'patient/{id}/{history,json_history}', reason: noRecords },
  { path: 'client/{id}/custom_field_values', reason: belowAParent },
  { path: 'consultation/{id}/{analyses,medicines,procedures,supplies,foods,extras}', reason: belowAParent },
  {
    path: 'consultation/{id}/consultation{diagnosis,dischargeinstruction,note,patientstatus,clinicalsign}',
    reason: belowAParent,
  },
  { path: 'consultation/{id}/{treatmentplans,patient_groups}', reason: belowAParent },
  { path: 'department/{id}/{ward,team,patient_location}', reason: belowAParent },
  { path: '{appointment,note}/{id}/upload', reason: belowAParent },
  { path: '{invoice,invoicerow,invoicepayment}/{id}/extras', reason: belowAParent },
  { path: 'create_consultation', reason: 'another door for writing consultations (inferred): they would come twice' },
  { path: 'noteadmin', reason: 'another door for writing locked notes (inferred): they would come twice' },
  { path: 'hook/webhook', reason: 'holds webhook addresses, whose keys must reach no topic' },
  { path: 'hook/queue', reason: 'the log of webhooks, whose keys must reach no topic' },
  { path: '{postransaction,postransactionresult,paymentcard}', reason: noList },
  { path: '{patient/bulk,consultation/admit,sms/send,email/send,client_export,upload_urls}', reason: noList },
  { path: '{veterinarians_availibility,resources_availability,onlinebookingdaysavailable}', reason: noRecords },
  { path: '{search,appointment/combined,appointment/check_conflicts}', reason: noRecords },
  { path: '{get_max_client_id,get_max_patient_id}', reason: noRecords },
  { path: 'home_delivery/*', reason: 'its paths are not known' },
  { path: 'knowledgebase*', reason: 'its paths are not known' },
  { path: 'tag/tag', reason: 'stands in no schema that was seen' },
  { path: '{available_wholesaler,wholesaler/{id}/catalog_upload_url}', reason: 'needs the scope wholesaler' },
];
