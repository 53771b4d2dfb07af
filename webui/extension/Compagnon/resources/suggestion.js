/**
 * One suggestion as the panel shows it: the sentence, where the link would lead, and what can be done with it.
 * It knows no service and no editor. What comes from the wiki's texts and titles is set as text, never as HTML.
 */
( function () {
	'use strict';

	var reading = require( './reading.js' ),
		REASONS = [ 'everyday', 'target', 'span', 'other' ],
		serial = 0;

	function makeId() {
		serial++;
		return 'compagnon-suggestion-' + serial;
	}

	/**
	 * @param {string} message Key of the button's words, after "compagnon-panel-"
	 * @param {Function} act
	 * @param {string} [kind] "primary", "quiet"
	 * @return {jQuery}
	 */
	function createButton( message, act, kind ) {
		return $( '<button>' )
			.attr( { type: 'button', id: makeId() } )
			.addClass( 'compagnon-button' + ( kind ? ' compagnon-button-' + kind : '' ) )
			// eslint-disable-next-line mediawiki/msg-doc
			.text( mw.msg( 'compagnon-panel-' + message ) )
			.on( 'click', act );
	}

	function createSentence( data ) {
		var before = reading.lineBefore( data.context_before ),
			after = reading.lineAfter( data.context_after );
		return $( '<p>' ).addClass( 'compagnon-suggestion-sentence' ).append(
			document.createTextNode( before ),
			$( '<mark>' ).text( data.link_text ),
			document.createTextNode( after )
		);
	}

	function createTarget( title ) {
		return $( '<a>' )
			.attr( { href: mw.util.getUrl( title ), target: '_blank', rel: 'noopener' } )
			.text( title )
			.append( $( '<span>' ).addClass( 'compagnon-unseen' ).text( ' ' + mw.msg( 'compagnon-panel-new-tab' ) ) );
	}

	/**
	 * @param {Object} options
	 * @param {Object} options.data A suggestion of the service: of a link (`link_text`, `link_target` ...) or of a
	 *  page to see also (`title`, `sentence` ...)
	 * @param {boolean} options.asksWhy Whether a rejection has reasons
	 * @param {boolean} options.canRevert Whether the editor can take a link back
	 * @param {Function} options.onAccept
	 * @param {Function} options.onReject Called with a reason, or null
	 * @param {Function} options.onRevert
	 * @param {Function} options.onSelect
	 * @param {Function} options.onRefresh
	 * @return {Object} { $element, data, title, words, state, show( state, own ), focus() }; a state is "offered",
	 *  "linked" or "changed"
	 */
	function createSuggestion( options ) {
		var data = options.data,
			isLink = data.link_target !== undefined,
			title = isLink ? data.link_target : data.title,
			targetId = makeId(),
			language = { lang: mw.config.get( 'wgPageContentLanguage' ), dir: 'auto' },
			$sentence = isLink ? createSentence( data ) : $(),
			$target = $( '<p>' ).addClass( 'compagnon-suggestion-target' ).append( createTarget( title ).attr( 'id', targetId ) ),
			$actions = $( '<div>' ).addClass( 'compagnon-suggestion-actions' ),
			$element = $( '<li>' ).addClass( 'compagnon-suggestion' ).attr( 'tabindex', -1 ),
			suggestion = { $element: $element, data: data, title: title, isLink: isLink, state: 'offered' };

		/** A button whose name says which link it is about, as all suggestions have the same words. */
		function named( $button ) {
			return $button.attr( 'aria-labelledby', $button.attr( 'id' ) + ' ' + targetId );
		}

		function showOffer() {
			$actions.empty().append(
				named( createButton( isLink ? 'link' : 'add', options.onAccept, 'primary' ) ),
				named( createButton( 'reject', options.asksWhy ? showReasons : function () {
					options.onReject( null );
				} ) ),
				isLink ? named( createButton( 'select', options.onSelect, 'quiet' ) ) : null
			);
		}

		function cancelReasons() {
			$actions.off( 'keydown' );
			showOffer();
			$actions.children().eq( 1 ).trigger( 'focus' );
		}

		function showReasons() {
			var $group = $( '<div>' ).addClass( 'compagnon-suggestion-reasons' ).attr( 'role', 'group' ),
				$why = $( '<span>' ).attr( 'id', makeId() ).text( mw.msg( 'compagnon-panel-why' ) );
			$group.attr( 'aria-labelledby', $why.attr( 'id' ) + ' ' + targetId ).append( $why );
			REASONS.forEach( function ( reason ) {
				$group.append( createButton( 'reason-' + reason, function () {
					options.onReject( reason );
				} ) );
			} );
			$group.append( createButton( 'cancel', cancelReasons, 'quiet' ) );
			$actions.empty().append( $group ).on( 'keydown', function ( event ) {
				if ( event.key === 'Escape' ) {
					event.stopPropagation();
					cancelReasons();
				}
			} );
			$group.find( 'button' ).first().trigger( 'focus' );
		}

		/** @param {boolean} own Whether the link was set here, so that it can be taken back here */
		function showLinked( own ) {
			$actions.empty().append(
				$( '<span>' ).addClass( 'compagnon-suggestion-done' )
					.text( mw.msg( isLink ? 'compagnon-panel-linked' : 'compagnon-panel-added' ) ),
				own && options.canRevert ? named( createButton( 'revert', options.onRevert, 'quiet' ) ) : null
			);
		}

		function showChanged() {
			$actions.empty().append(
				$( '<span>' ).addClass( 'compagnon-suggestion-note' ).text( mw.msg( 'compagnon-panel-changed' ) ),
				createButton( 'refresh', options.onRefresh )
			);
		}

		suggestion.show = function ( state, own ) {
			suggestion.state = state;
			$actions.off( 'keydown' );
			$element.toggleClass( 'compagnon-suggestion-linked', state === 'linked' );
			( { offered: showOffer, linked: showLinked, changed: showChanged } )[ state ]( own );
		};

		/** Put the focus on the whole suggestion: it is read out, and no key acts by mistake. */
		suggestion.focus = function () {
			$element.trigger( 'focus' );
		};

		$sentence.attr( language );
		$target.attr( language );
		$element.append( $sentence, $target );
		if ( !isLink && data.sentence ) {
			$element.append(
				$( '<p>' ).addClass( 'compagnon-suggestion-why' ).attr( language ).text( data.sentence )
			);
		}
		$element.append( $actions );
		suggestion.show( 'offered' );
		return suggestion;
	}

	module.exports = { createButton: createButton, createSuggestion: createSuggestion };
}() );
