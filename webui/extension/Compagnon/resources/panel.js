/**
 * The panel of suggested links beside an editor.
 *
 * createPanel( { client, editor, pageid, revid, title, open } ) gives { $element, refresh() }. The element is
 * hidden until `refresh` was called (once the browser is idle) and the service has something to suggest.
 * Where something else opens and closes it, `framed` makes its button a heading, and `onCount( number )` is told
 * how many suggestions wait.
 *
 * client: { links( body ), feedback( body ) or null }, each giving a jQuery promise (`box` is for box.js). One that
 *  can tell nobody may remember for itself: remember( pageid, targetPageid, verdict ).
 * editor: { getText() promise of wikitext, apply( edit ) boolean and one step to undo, select( edit ) }, and
 *  where it can: { seeAlso (whether a line for "See also" can be applied), revert( edit, lineOnly ) boolean,
 *  holds( edit ) boolean (the text has a link to that page), undo(), onChange( listener ), getLength() }.
 */
( function () {
	'use strict';

	var edits = require( './edits.js' ),
		suggestions = require( './suggestion.js' ),
		SHOWN = 3,
		// Characters, written or deleted, after which an unread list is asked for again.
		WRITTEN = 200,
		serial = 0;

	/**
	 * @param {Object} options
	 * @return {Object}
	 */
	function createPanel( options ) {
		var client = options.client,
			editor = options.editor,
			id = 'compagnon-panel-' + ( ++serial ),
			shown = [],
			askedLength = null,
			$count = $( '<span>' ).addClass( 'compagnon-panel-count' ),
			$toggle = ( options.framed ?
				$( '<h2>' ).addClass( 'compagnon-panel-heading' ).attr( 'tabindex', -1 ) :
				$( '<button>' ).addClass( 'compagnon-panel-toggle' ).attr( { type: 'button', 'aria-controls': id + '-body' } ) )
				.attr( 'id', id + '-toggle' )
				.append( $( '<span>' ).text( mw.msg( 'compagnon-panel-title' ) ), ' ', $count ),
			$status = $( '<div>' ).addClass( 'compagnon-unseen' ).attr( { role: 'status', 'aria-live': 'polite' } ),
			$body = $( '<div>' ).addClass( 'compagnon-panel-body' ).attr( 'id', id + '-body' ),
			$element = $( '<section>' ).addClass( 'compagnon-panel' )
				.attr( 'aria-labelledby', id + '-toggle' )
				.prop( 'hidden', true )
				.append( $toggle, $body, $status );

		function say( message ) {
			// The same words twice are read twice only when they were away meanwhile.
			$status.text( '' );
			setTimeout( function () {
				$status.text( message );
			}, 50 );
		}

		function setOpen( open ) {
			if ( !options.framed ) {
				$toggle.attr( 'aria-expanded', String( open ) );
			}
			$body.prop( 'hidden', !open );
		}

		function offered() {
			return shown.filter( function ( suggestion ) {
				return suggestion.state === 'offered';
			} );
		}

		function count() {
			$count.text( '(' + offered().length + ')' );
			if ( options.onCount ) {
				options.onCount( offered().length );
			}
		}

		/** Where the focus goes on: the next suggestion that waits, else the one before, else the button. */
		function focusAfter( place ) {
			var waiting = shown.slice( place ).concat( shown.slice( 0, place ).reverse() ).filter( function ( one ) {
				return one.state === 'offered' && one.$element.is( ':visible' );
			} );
			if ( waiting.length ) {
				waiting[ 0 ].focus();
			} else {
				$toggle.trigger( 'focus' );
			}
		}

		/** The other "see also" lines that this panel has put into the text. */
		function madeBeside( suggestion ) {
			return shown.filter( function ( one ) {
				return one !== suggestion && !one.isLink && one.made && one.state === 'linked';
			} );
		}

		function editOf( suggestion ) {
			var beside = suggestion.isLink ? [] : madeBeside( suggestion );
			return beside.length ?
				edits.following( suggestion.data.edit, beside[ beside.length - 1 ].made ) :
				suggestion.data.edit;
		}

		function report( suggestion, verdict, reason ) {
			// What is said of links teaches; a page to see also has no words to learn from.
			if ( client.feedback && suggestion.isLink ) {
				client.feedback( {
					pageid: options.pageid,
					revid: suggestion.revid,
					target_pageid: suggestion.data.target_pageid,
					link_text: suggestion.data.link_text,
					verdict: verdict,
					reason: reason
				} );
			} else if ( client.remember ) {
				client.remember( options.pageid, suggestion.isLink ? suggestion.data.target_pageid : suggestion.data.pageid, verdict );
			}
		}

		function accept( suggestion ) {
			var edit = editOf( suggestion );
			if ( !editor.apply( edit ) ) {
				suggestion.show( 'changed' );
				suggestion.$element.find( 'button' ).trigger( 'focus' );
				say( mw.msg( 'compagnon-panel-changed' ) );
				count();
				return;
			}
			suggestion.made = edit;
			suggestion.show( 'linked', true );
			count();
			focusAfter( shown.indexOf( suggestion ) );
			say( mw.msg( 'compagnon-panel-said-linked', suggestion.title ) );
			report( suggestion, 'accepted', null );
		}

		/** Take a made edit out of the text: of several lines of a section only the line, else the section too. */
		function takeBack( suggestion ) {
			var isOneOfSeveral = !suggestion.isLink && madeBeside( suggestion ).length > 0;
			return ( !isOneOfSeveral && editor.revert( suggestion.data.edit, false ) ) ||
				editor.revert( suggestion.made, isOneOfSeveral );
		}

		function revert( suggestion ) {
			if ( takeBack( suggestion ) ) {
				suggestion.made = null;
				suggestion.show( 'offered' );
				say( mw.msg( 'compagnon-panel-said-reverted', suggestion.title ) );
			} else {
				suggestion.show( 'changed' );
				say( mw.msg( 'compagnon-panel-changed' ) );
			}
			count();
			suggestion.focus();
		}

		function reject( suggestion, reason ) {
			var place = shown.indexOf( suggestion );
			shown.splice( place, 1 );
			suggestion.$element.remove();
			showNext();
			count();
			focusAfter( place );
			say( mw.msg( 'compagnon-panel-said-rejected', suggestion.title ) );
			report( suggestion, 'rejected', reason );
		}

		function create( data, revid ) {
			var suggestion = suggestions.createSuggestion( {
				data: data,
				asksWhy: !!client.feedback && data.link_target !== undefined,
				canRevert: !!editor.revert,
				onAccept: function () {
					accept( suggestion );
				},
				onReject: function ( reason ) {
					reject( suggestion, reason );
				},
				onRevert: function () {
					revert( suggestion );
				},
				onSelect: function () {
					if ( editor.select( data.edit ) === false ) {
						suggestion.show( 'changed' );
						suggestion.$element.find( 'button' ).trigger( 'focus' );
						count();
					}
				},
				onRefresh: function () {
					refresh( true );
				}
			} );
			suggestion.revid = revid;
			return suggestion;
		}

		/** Show one hidden suggestion in the place of one that went. */
		function showNext() {
			$body.find( '.compagnon-suggestion[hidden]' ).first().prop( 'hidden', false );
			showMore();
		}

		function showMore() {
			var $hidden = $body.find( '.compagnon-suggestion[hidden]' ),
				$more = $body.find( '.compagnon-panel-more' );
			$more.text( mw.msg( 'compagnon-panel-more', $hidden.length ) );
			if ( !$hidden.length ) {
				$more.remove();
			}
		}

		function createList( reply ) {
			var links = reply.suggestions.map( function ( data ) {
					return create( data, reply.revid );
				} ),
				pages = editor.seeAlso ? reply.see_also.map( function ( data ) {
					return create( data, reply.revid );
				} ) : [],
				$list = $( '<ul>' ).addClass( 'compagnon-panel-list' ).attr( 'aria-labelledby', id + '-toggle' ),
				$pages = $( '<ul>' ).addClass( 'compagnon-panel-list' ).attr( 'aria-labelledby', id + '-see-also' );
			shown = links.concat( pages );
			links.forEach( function ( suggestion, place ) {
				$list.append( suggestion.$element.prop( 'hidden', place >= SHOWN ) );
			} );
			pages.forEach( function ( suggestion ) {
				$pages.append( suggestion.$element );
			} );
			$body.empty();
			if ( links.length ) {
				$body.append( $list );
			}
			if ( links.length > SHOWN ) {
				$body.append( suggestions.createButton( 'more', function () {
					var $first = $body.find( '.compagnon-suggestion[hidden]' ).prop( 'hidden', false ).first();
					showMore();
					$first.trigger( 'focus' );
				}, 'quiet' ).addClass( 'compagnon-panel-more' ) );
				showMore();
			}
			if ( pages.length ) {
				$body.append(
					$( '<p>' ).addClass( 'compagnon-panel-subtitle' ).attr( 'id', id + '-see-also' )
						.text( mw.msg( 'compagnon-panel-see-also' ) ),
					$pages
				);
			}
			$body.append( createNote( reply.no_links_title ) );
		}

		function createNote( noLinksTitle ) {
			var $note = $( '<p>' ).addClass( 'compagnon-panel-note' ).text( mw.msg( 'compagnon-panel-note' ) );
			if ( noLinksTitle ) {
				$note.append( ' ', $( '<a>' )
					.attr( { href: mw.util.getUrl( noLinksTitle ), target: '_blank', rel: 'noopener' } )
					.text( mw.msg( 'compagnon-panel-no-links' ) )
					.append( $( '<span>' ).addClass( 'compagnon-unseen' ).text( ' ' + mw.msg( 'compagnon-panel-new-tab' ) ) )
				);
			}
			return $note.append( ' ', suggestions.createButton( 'refresh', function () {
				refresh( true );
			}, 'quiet' ) );
		}

		/**
		 * Ask the service again, with the text as it is now.
		 *
		 * @param {boolean} [asked] Whether the person asked for it, and waits
		 * @return {jQuery.Promise} Resolved when what is shown is up to date
		 */
		function refresh( asked ) {
			var done = $.Deferred();

			function finish( reply ) {
				var useful = reply && !reply.stale && reply.suggestions;
				if ( useful ) {
					createList( reply );
					count();
				}
				if ( asked ) {
					$body.children( '.compagnon-panel-away' ).remove();
					if ( !useful ) {
						$body.append( $( '<p>' ).addClass( 'compagnon-panel-note compagnon-panel-away' )
							.text( mw.msg( 'compagnon-panel-unavailable' ) ) );
					}
					say( mw.msg( useful ? 'compagnon-panel-said-refreshed' : 'compagnon-panel-unavailable',
						offered().length ) );
					$toggle.trigger( 'focus' );
				} else {
					$element.prop( 'hidden', !shown.length );
				}
				done.resolve();
			}

			askedLength = editor.getLength ? editor.getLength() : 0;
			editor.getText().then( function ( wikitext ) {
				return client.links( {
					pageid: options.pageid, revid: options.revid, title: options.title, wikitext: wikitext
				} );
			} ).then( finish, function () {
				finish( null );
			} );
			return done.promise();
		}

		/** Follow what the person does in the text: links taken back by its undo, links set by hand. */
		function follow() {
			shown.forEach( function ( suggestion ) {
				var holds = editor.holds( suggestion.data.edit ),
					focused = $.contains( suggestion.$element[ 0 ], document.activeElement );
				if ( suggestion.state === 'linked' && !holds ) {
					suggestion.made = null;
					suggestion.show( 'offered' );
				} else if ( suggestion.state === 'offered' && holds ) {
					suggestion.show( 'linked', false );
				} else {
					return;
				}
				if ( focused ) {
					suggestion.focus();
				}
			} );
			count();
		}

		/** Nothing is known of a page that was empty at first. What somebody reads, or has used, stays as it is. */
		function followWriting() {
			var isRead = !$element.prop( 'hidden' ) && !$body.prop( 'hidden' ),
				isUsed = shown.some( function ( suggestion ) {
					return suggestion.made;
				} );
			if ( askedLength !== null && !isRead && !isUsed && Math.abs( editor.getLength() - askedLength ) >= WRITTEN ) {
				refresh( false );
			}
		}

		if ( !options.framed ) {
			$toggle.on( 'click', function () {
				setOpen( $toggle.attr( 'aria-expanded' ) !== 'true' );
			} );
		}
		$element.on( 'keydown', function ( event ) {
			// After "Link it" the focus is here, and so is the wish to take it back.
			if ( editor.undo && event.key === 'z' && ( event.ctrlKey || event.metaKey ) && !event.shiftKey ) {
				event.preventDefault();
				editor.undo();
				follow();
				event.target.focus();
			}
		} );
		if ( editor.onChange && editor.holds ) {
			editor.onChange( follow );
		}
		if ( editor.onChange && editor.getLength ) {
			editor.onChange( followWriting );
		}
		setOpen( !!options.open || !!options.framed );
		return {
			$element: $element,
			refresh: function () {
				return refresh( false );
			}
		};
	}

	module.exports = { createPanel: createPanel };
}() );
