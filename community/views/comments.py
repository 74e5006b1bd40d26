"""Comments as a fragment in a page and as a page of their own."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods

from wagtail.models import Page

from community.forms import CommentForm, EditCommentForm
from community.models import Comment
from community.selectors.comments import comment_page, own_comment, single_comment
from community.services.comments import CommentRefused, edit_comment, post_comment, remove_comment
from community.views.responses import Request, private, signed_in, to_login


def commentable_page(page_id: int) -> Page:
    """A live public page that takes comments; 404 otherwise."""
    page = Page.objects.live().public().select_related("locale").filter(pk=page_id, depth__gt=2).first()
    if page is None or not getattr(page.specific_class, "accepts_comments", True):
        raise Http404
    return page


def _address(page_id: int) -> str:
    return reverse("community:comments", args=[page_id])


@require_http_methods(["GET", "POST"])
@private
def comments(request: Request, page_id: int) -> HttpResponse:
    """The comments of a page, and a new one."""
    page = commentable_page(page_id)
    if request.method == "POST":
        return _post(request, page)
    return _show(request, page, CommentForm(initial={"parent": request.GET.get("reply", "")[:12]}))


def _show(request: Request, page: Page, form: CommentForm, *, status: int = 200, said: Any = None) -> HttpResponse:
    listed = comment_page(
        page,
        request.user,
        after=request.GET.get("after", "")[:12],
        thread=request.GET.get("thread", "")[:12],
    )
    parent_ref = form["parent"].value() or ""
    context = {
        "page": page,
        "page_url": page.get_url(request),
        "listed": listed,
        "form": form,
        "said": said,
        "answering": Comment.objects.published().filter(page=page, ref=parent_ref).first() if parent_ref else None,
        "here": _address(page.pk),
        "thread": request.GET.get("thread", ""),
    }
    template = "community/_comments.html" if request.htmx else "community/comments.html"
    return render(request, template, context, status=status)


def _post(request: Request, page: Page) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_login(request, _address(page.pk))
    form = CommentForm(request.POST)
    if form.is_trapped:
        # A program: it is told nothing, and nothing is kept.
        return HttpResponseRedirect(_address(page.pk))
    if not form.is_valid():
        return _show(request, page, form, status=200 if request.htmx else 422)
    parent = None
    if ref := form.cleaned_data["parent"]:
        parent = Comment.objects.select_related("parent").filter(page=page, ref=ref).first()
        if parent is None:
            raise Http404
    try:
        comment = post_comment(
            user=signed_in(request),
            page_id=page.pk,
            text=form.cleaned_data["text"],
            parent=parent,
            now=timezone.now(),
        )
    except CommentRefused as refusal:
        form.add_error("text", str(refusal.reason))
        return _show(request, page, form, status=200 if request.htmx else 422)
    if request.htmx:
        return _show(request, page, CommentForm(), said=comment)
    return HttpResponseRedirect(f"{_address(page.pk)}?said={comment.ref}#c-{comment.ref}")


def _own(request: Request, ref: str) -> Comment:
    comment = own_comment(ref, request.user)
    if comment is None:
        raise Http404
    return comment


@require_http_methods(["GET", "POST"])
@private
def edit(request: Request, ref: str) -> HttpResponse:
    """My comment's new words. Somebody else's is not found."""
    comment = _own(request, ref)
    form = EditCommentForm(request.POST or None, initial={"text": comment.source})
    if request.method == "POST" and form.is_valid():
        try:
            edit_comment(comment=comment, text=form.cleaned_data["text"], now=timezone.now())
        except CommentRefused as refusal:
            form.add_error("text", str(refusal.reason))
        else:
            return HttpResponseRedirect(f"{_address(comment.page_id)}#c-{comment.ref}")
    status = 422 if form.errors else 200
    return render(request, "community/comment_edit.html", {"comment": comment, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
@private
def remove(request: Request, ref: str) -> HttpResponse:
    """Take my comment back, after one question. Somebody else's is not found."""
    comment = _own(request, ref)
    if request.method == "POST":
        remove_comment(comment=comment)
        return HttpResponseRedirect(_address(comment.page_id))
    view = single_comment(comment, comment.page, request.user)
    return render(request, "community/comment_remove.html", {"comment": comment, "view": view})


@require_GET
@private
def permalink(request: Request, ref: str) -> HttpResponse:
    """One thread, at the comment."""
    comment = Comment.objects.visible_to(request.user).filter(ref=ref).select_related("parent", "page__locale").first()
    if comment is None:
        raise Http404
    commentable_page(comment.page_id)
    top = comment.parent or comment
    with translation.override(comment.page.locale.language_code):
        return HttpResponseRedirect(f"{_address(comment.page_id)}?thread={top.ref}#c-{comment.ref}")
