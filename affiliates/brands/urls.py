"""The brand portal's addresses."""

from __future__ import annotations

from django.urls import path

from affiliates.brands.views import accounts, behind, creators, decisions, disputes, problems, reports, rules, tiers

app_name = "brands"
urlpatterns = [
    path("brands/", reports.report, name="report"),
    path("brands/orders.csv", reports.orders_csv, name="orders_csv"),
    path("brands/report.csv", reports.report_csv, name="report_csv"),
    path("brands/orders/<path:order_id>/", reports.order, name="order"),
    path("brands/decisions/", decisions.decisions, name="decisions"),
    path("brands/decisions/file/", decisions.decide_by_file, name="decide_by_file"),
    path("brands/decisions/order/<path:order_id>/", decisions.decide, name="decide"),
    path("brands/statements/", accounts.statements, name="statements"),
    path("brands/statements/<slug:ref>/", accounts.statement, name="statement"),
    path("brands/statements/<slug:ref>.csv", accounts.statement_csv, name="statement_csv"),
    path("brands/creators/", creators.members, name="members"),
    path("brands/creators/file.csv", creators.members_csv, name="members_csv"),
    path("brands/creators/invite/", creators.invite, name="invite_creator"),
    path("brands/creators/groups/", creators.new_group, name="new_group"),
    path("brands/creators/<slug:handle>/answer/", creators.answer, name="answer_creator"),
    path("brands/rules/", rules.rules, name="rules"),
    path("brands/rules/preview/", rules.preview, name="preview_order"),
    path("brands/statements/<slug:ref>/transfers/", behind.statement_transfers, name="statement_transfers"),
    path("brands/transfers/", behind.transfers, name="transfers"),
    path("brands/lines/", behind.lines, name="lines"),
    path("brands/tiers/", tiers.tiers, name="tiers"),
    path("brands/tiers/<slug:ref>/end/", tiers.end, name="end_tiers"),
    path("brands/bonuses/<slug:ref>/", tiers.bonus, name="bonus"),
    path("brands/disputes/", disputes.disputes, name="disputes"),
    path("brands/disputes/<slug:ref>/", disputes.answer_to_dispute, name="answer_dispute"),
    path("brands/claims/<slug:ref>/", disputes.answer_to_claim, name="answer_claim"),
    path("brands/problems/", problems.problems, name="problems"),
    path("brands/problems/suspension/", problems.object_to_suspended, name="object_to_suspension"),
    path("brands/problems/<slug:ref>/", problems.object_to_report, name="object_to_report"),
]
