/**
 * The wiki's own text area as the panel's editor: plain, with WikiEditor's toolbar, or taken over by CodeMirror.
 *
 * All goes by jQuery's textSelection, which CodeMirror takes over for the same element, so the text area can
 * turn into CodeMirror and back at any time, and what is set can be undone like what is typed.
 */
( function () {
	'use strict';

	var edits = require( './edits.js' );

	/**
	 * The CodeMirror (version 5) that stands in for the text area now, if one does. Later versions need none of
	 * what is done with it.
	 *
	 * @param {jQuery} $textarea
	 * @return {Object|null}
	 */
	function codeMirrorOf( $textarea ) {
		var element = $textarea.nextAll( '.CodeMirror' )[ 0 ];
		return element && element.CodeMirror || null;
	}

	/**
	 * Scroll to a place of the text. Not by textSelection, which sets the text area's value to measure it: that
	 * costs the person all they could undo.
	 *
	 * @param {jQuery} $textarea
	 * @param {number} end
	 */
	function reveal( $textarea, end ) {
		var textarea = $textarea[ 0 ],
			ghost, bottom;
		if ( codeMirrorOf( $textarea ) || $textarea.is( ':hidden' ) ) {
			$textarea.textSelection( 'scrollToCaretPosition' );
			return;
		}
		ghost = textarea.cloneNode( false );
		ghost.removeAttribute( 'id' );
		ghost.removeAttribute( 'name' );
		ghost.value = textarea.value.slice( 0, end );
		$( ghost ).css( {
			position: 'absolute', visibility: 'hidden', height: 0, minHeight: 0, width: textarea.offsetWidth
		} ).insertAfter( $textarea );
		bottom = ghost.scrollHeight;
		$( ghost ).remove();
		if ( bottom < textarea.scrollTop + 40 || bottom > textarea.scrollTop + textarea.clientHeight ) {
			textarea.scrollTop = Math.max( 0, bottom - textarea.clientHeight / 2 );
		}
	}

	/**
	 * Replace a range as one step of the undo history.
	 *
	 * @param {jQuery} $textarea
	 * @param {Object} place { start, end }
	 * @param {string} text
	 */
	function replace( $textarea, place, text ) {
		var codeMirror = codeMirrorOf( $textarea );
		// CodeMirror joins what follows within about a second into one step, two links into one.
		if ( codeMirror ) {
			codeMirror.doc.changeGeneration( true );
		}
		$textarea.textSelection( 'setSelection', place ).textSelection( 'replaceSelection', text );
		if ( codeMirror ) {
			codeMirror.doc.changeGeneration( true );
		}
		reveal( $textarea, place.start + text.length );
	}

	/**
	 * @param {jQuery} $textarea #wpTextbox1
	 * @return {Object} The panel's editor (panel.js says what it can)
	 */
	function createTextareaEditor( $textarea ) {
		var $form = $textarea.closest( 'form' );

		function contents() {
			return $textarea.textSelection( 'getContents' );
		}

		function apply( edit ) {
			var place = edits.locate( contents(), edit );
			if ( place ) {
				replace( $textarea, place, edit.replacement );
			}
			return !!place;
		}

		return {
			// A section's text does not say where the page's "See also" is.
			seeAlso: !$form.find( 'input[name="wpSection"]' ).val(),
			getText: function () {
				return $.Deferred().resolve( contents() ).promise();
			},
			getLength: function () {
				return contents().length;
			},
			apply: apply,
			revert: function ( edit, lineOnly ) {
				return apply( edits.inverse( edit, lineOnly ) );
			},
			holds: function ( edit ) {
				return edits.linksTo( contents(), edits.targetOf( edit ) );
			},
			select: function ( edit ) {
				var place = edits.locate( contents(), edit );
				if ( place ) {
					$textarea.trigger( 'focus' ).textSelection( 'setSelection', place );
					reveal( $textarea, place.end );
				}
				return !!place;
			},
			undo: function () {
				var codeMirror = codeMirrorOf( $textarea );
				if ( codeMirror ) {
					codeMirror.undo();
				} else {
					$textarea.trigger( 'focus' );
					document.execCommand( 'undo' );
				}
			},
			onChange: function ( listener ) {
				// CodeMirror makes its own undo of a key, and no input event.
				$form.on( 'input keyup', mw.util.debounce( listener, 300 ) );
			}
		};
	}

	/**
	 * Let Tab lead from the text to the panel below it and on to the summary. The wiki's form numbers its own
	 * fields, so that the browser would come to the panel last of all.
	 *
	 * @param {jQuery} $form
	 * @param {jQuery} $textarea
	 * @param {jQuery} $panel
	 */
	function leadTabs( $form, $textarea, $panel ) {
		$form.on( 'keydown', function ( event ) {
			var $stops = $panel.find( 'button, a' ).filter( ':visible' ),
				isInText = event.target === $textarea[ 0 ] || $( event.target ).closest( '.CodeMirror' ).length > 0,
				$next = $();
			if ( event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey || event.isDefaultPrevented() ) {
				return;
			}
			if ( isInText && !event.shiftKey ) {
				$next = $stops.first();
			} else if ( event.shiftKey && event.target === $stops[ 0 ] ) {
				if ( codeMirrorOf( $textarea ) ) {
					codeMirrorOf( $textarea ).focus();
					event.preventDefault();
				} else {
					$next = $textarea;
				}
			} else if ( !event.shiftKey && event.target === $stops.last()[ 0 ] ) {
				$next = $form.find( '#wpSummary' );
			}
			if ( $next.length ) {
				event.preventDefault();
				$next.trigger( 'focus' );
			}
		} );
	}

	/**
	 * Put the panel below the wiki's text area, once its form is there and the browser has nothing else to do.
	 *
	 * @param {Object} client
	 * @param {Function} createPanel That of panel.js
	 */
	function watchForm( client, createPanel ) {
		mw.hook( 'wikipage.editform' ).add( function ( $form ) {
			var $textarea = $form.find( '#wpTextbox1' ),
				revid = Number( $form.find( 'input[name="editRevId"]' ).val() ) || mw.config.get( 'wgCurRevisionId' ),
				$reserved = $( '#compagnon-panel' ),
				panel;
			if ( !$textarea.length || $textarea.prop( 'readOnly' ) || $form.data( 'compagnon' ) ) {
				return;
			}
			$form.data( 'compagnon', true );
			panel = createPanel( {
				client: client,
				editor: createTextareaEditor( $textarea ),
				pageid: mw.config.get( 'wgArticleId' ),
				revid: mw.config.get( 'wgArticleId' ) ? revid : 0,
				title: mw.config.get( 'wgPageName' ).replace( /_/g, ' ' ),
				open: mw.util.getParamValue( 'compagnonlinks' ) === '1'
			} );
			if ( $reserved.length ) {
				$reserved.append( panel.$element );
			} else {
				// WikiEditor wraps the text area alone, so this is below it before and after.
				( $textarea.closest( '.wikiEditor-ui' )[ 0 ] ? $textarea.closest( '.wikiEditor-ui' ) : $textarea )
					.after( panel.$element );
			}
			leadTabs( $form, $textarea, panel.$element );
			mw.requestIdleCallback( panel.refresh, { timeout: 5000 } );
		} );
	}

	module.exports = { createTextareaEditor: createTextareaEditor, watchForm: watchForm };
}() );
