//! What every engine must do, as tests: the promises of the traits' documentation, one case each.
//!
//! An engine's tests say how a new, empty database is opened, and get a `#[tokio::test]` for every
//! case, so that a failure names what is broken:
//!
//! ```ignore
//! async fn open() -> Arc<dyn Storage> { … }
//! storage::contract!(crate::open);
//! ```
//!
//! To add a case: a function in the repository's module and its name in [`contract!`](crate::contract!).

#![expect(
    clippy::missing_panics_doc,
    reason = "cases are tests: to panic is how they fail"
)]

pub mod alerts;
pub mod authorizations;
pub mod connectors;
pub mod credentials;
pub mod deliveries;
pub mod drafts;
mod fixture;
pub mod flows;
pub mod grants;
pub mod history;
pub mod key_ring;
pub mod leases;
pub mod lists;
pub mod notifications;
pub mod overview;
pub mod processes;
pub mod publications;
pub mod revocations;
pub mod sealed;
pub mod statistics;
pub mod transactions;
pub mod users;
pub mod waiting_consents;

/// Makes a test of every case. The argument is the path, from the crate's root, of an async function
/// without parameters that opens an empty database as `Arc<dyn Storage>`.
#[macro_export]
macro_rules! contract {
    ($open:path) => {
        $crate::contract! { @tests $open;
            transactions: [
                what_is_saved_is_seen,
                what_is_dropped_or_cancelled_is_gone,
                a_read_writes_nothing,
                a_read_sees_one_state,
                changes_are_announced_after_the_save,
                changes_of_a_dropped_transaction_are_not_announced,
                it_proves_that_it_takes_writes,
            ],
            key_ring: [
                keys_round_trip_oldest_first,
                a_version_is_added_once,
                every_ciphertext_counts,
            ],
            users: [
                workspaces_round_trip_oldest_first,
                a_slug_is_taken,
                a_workspace_is_renamed,
                people_are_found_by_id_and_address,
                an_address_is_taken_in_any_case,
                a_password_is_replaced,
                roles_are_set_and_listed,
                a_setup_link_replaces_the_last_one,
                a_setup_link_works_until_it_expires,
                a_setup_link_works_once,
            ],
            credentials: [
                a_session_lives_until_it_is_deleted,
                sessions_of_one_person_end_together,
                stale_sessions_are_forgotten,
                api_keys_round_trip,
                api_keys_are_listed_newest_first,
                api_keys_belong_to_one_workspace,
            ],
            connectors: [
                a_connector_round_trips,
                connectors_are_listed_by_name,
                a_name_is_taken_in_any_case,
                an_update_needs_the_version,
                an_update_cannot_take_a_name,
                who_uses_it_is_known,
                one_in_use_is_not_deleted,
                other_workspaces_do_not_reach_it,
            ],
            authorizations: [
                an_authorization_round_trips,
                a_name_is_taken_in_any_case,
                an_update_needs_the_version,
                an_update_cannot_take_a_name,
                a_grant_is_set_without_a_new_version,
                other_workspaces_do_not_reach_it,
                deleting_takes_along_what_belongs_to_it,
                secrets_are_kept_by_field_and_position,
                a_secrets_expiry_can_be_corrected,
                one_secret_is_in_use,
                grants_with_tokens_are_found,
            ],
            lists: [
                all_are_listed_by_name,
                active_and_inactive_ones_are_told_apart,
                states_are_told_apart,
                a_search_finds_parts_of_names_in_any_case,
                wildcards_in_a_search_are_literal,
                pages_follow_each_other,
                a_page_begins_after_a_deleted_entry,
                a_foreign_cursor_lists_from_the_start,
            ],
            drafts: [
                a_draft_replaces_the_last_one,
                everybody_has_a_draft_of_their_own,
                a_draft_is_taken_once,
                old_drafts_are_taken,
            ],
            flows: [
                a_flow_is_found_by_its_state,
                a_flow_is_used_up_by_one_caller,
                open_flows_are_known,
                flows_are_closed_together,
                a_link_works_once,
                a_link_expires,
                ended_flows_and_links_are_forgotten,
            ],
            grants: [
                a_grant_round_trips,
                several_are_read_at_once,
                a_refresh_is_committed_once,
                a_late_writer_changes_nothing,
                a_status_needs_the_generation,
                an_ended_grant_has_no_tokens,
                the_due_ones_come_soonest_expiry_first,
                the_next_refresh_is_set,
                the_schedule_is_brought_forward,
                grants_are_held_and_resumed,
                abandoned_grants_are_wiped,
            ],
            leases: [
                a_second_taker_is_refused,
                a_lease_is_taken_over_from_who_was_seen,
                a_lease_needs_the_generation,
                only_the_holder_gives_it_back,
                abandoned_leases_are_listed,
                one_of_many_gets_the_lease,
            ],
            history: [
                refreshes_add_up_by_day,
                events_come_newest_first,
                workspaces_do_not_mix,
                an_authorization_is_forgotten,
                events_go_with_the_authorization,
                old_history_is_deleted,
            ],
            overview: [
                authorizations_are_counted_by_status,
                altered_settings_are_found,
                what_is_unwell_comes_by_urgency,
                grants_lead_to_their_authorizations,
                the_next_refresh_is_known,
            ],
            processes: [
                a_process_is_listed_until_it_is_forgotten,
            ],
            revocations: [
                a_revocation_round_trips,
                the_due_ones_are_claimed_for_a_while,
                one_of_many_gets_it,
                an_outcome_needs_the_last_attempt,
                finished_ones_are_forgotten,
            ],
            waiting_consents: [
                a_word_is_taken_once,
                overtaken_and_expired_ones_are_taken,
                deleting_the_authorization_forgets_them,
            ],
            notifications: [
                a_notification_round_trips,
                notifications_come_newest_first_in_pages,
                everybody_reads_for_themselves,
                tests_of_channels_are_not_listed,
                old_notifications_are_forgotten,
                channels_round_trip_oldest_first,
                a_channel_belongs_to_one_workspace,
                what_was_told_outlives_its_authorization,
            ],
            deliveries: [
                the_due_ones_are_claimed_soonest_first,
                a_claim_lasts_until_its_lease_ends,
                a_failed_attempt_is_due_again,
                one_of_many_gets_a_delivery,
                deliveries_are_listed_newest_first,
                a_disabled_channel_gives_up_what_waits,
            ],
            alerts: [
                an_alert_replaces_the_last_one,
                an_alert_knows_whom_it_concerns,
                alerts_go_with_their_authorization,
                what_fails_for_long_is_found_until_it_is_told,
            ],
            publications: [
                a_publication_round_trips,
                a_number_is_taken,
                the_history_is_listed_newest_first,
                every_workspace_counts_for_itself,
            ],
            sealed: [
                every_ciphertext_is_found,
                ciphertexts_come_in_pages,
            ],
            statistics: [
                consents_in_use_are_counted,
                late_refreshes_are_counted,
                what_waits_to_be_sent_is_counted,
            ],
        }
    };
    (@tests $open:path; $($module:ident: [$($case:ident),+ $(,)?]),+ $(,)?) => {
        $(mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::contract::$module::$case($open().await).await;
                }
            )+
        })+
    };
}
