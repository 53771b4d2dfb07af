<?php

namespace MediaWiki\Extension\Compagnon;

use EditPage;
use Html;
use OutputPage;
use Skin;

/**
 * Puts the box below the pages of the wiki, empty, and the panel's script into their editor.
 *
 * The hooks' interfaces are left out on purpose: they have moved between the versions of MediaWiki that this
 * works with. Nothing is asked of the service here: a page is as fast as without the box.
 */
class PageHooks {

	/** @var ServiceClient */
	private $client;

	/**
	 * @param ServiceClient $client
	 */
	public function __construct( ServiceClient $client ) {
		$this->client = $client;
	}

	/**
	 * @see https://www.mediawiki.org/wiki/Manual:Hooks/BeforePageDisplay
	 * @param OutputPage $out
	 * @param Skin $skin
	 */
	public function onBeforePageDisplay( $out, $skin ): void {
		if ( $this->hasBox( $skin ) ) {
			// The space is reserved before anything is drawn: the styles must not wait for the script.
			$out->addModuleStyles( 'ext.compagnon.box.styles' );
			$out->addModules( 'ext.compagnon.box' );
		} elseif ( $this->hasEditor( $skin ) ) {
			$out->addModules( 'ext.compagnon.edit' );
		}
	}

	/**
	 * Hold the panel's place below the text area, so that nothing moves when it comes.
	 *
	 * @see https://www.mediawiki.org/wiki/Manual:Hooks/EditPage::showEditForm:initial
	 * @param EditPage $editor
	 * @param OutputPage $out
	 */
	public function onEditPage__showEditForm_initial( $editor, $out ): void {
		if ( $this->hasEditor( $out->getSkin() ) ) {
			$out->addModuleStyles( 'ext.compagnon.panel.styles' );
			$editor->editFormTextAfterContent .= Html::rawElement( 'div', [ 'id' => 'compagnon-panel' ] );
		}
	}

	/**
	 * @see https://www.mediawiki.org/wiki/Manual:Hooks/SkinAfterContent
	 * @param string &$data
	 * @param Skin $skin
	 */
	public function onSkinAfterContent( &$data, $skin ): void {
		if ( !$this->hasBox( $skin ) ) {
			return;
		}
		$heading = Html::element(
			'h2', [ 'id' => 'compagnon-box-heading' ], $skin->msg( 'compagnon-box-heading' )->text()
		);
		$attributes = [ 'id' => 'compagnon-box', 'class' => 'noprint', 'aria-labelledby' => 'compagnon-box-heading' ];
		$data .= Html::rawElement( 'aside', $attributes, $heading );
	}

	/**
	 * Whether a page has a box: content, as it is now, that the reader may read.
	 *
	 * Not the main page: it is the wiki's shop window, and what is near to it in meaning is everything.
	 *
	 * @param Skin $skin
	 * @return bool
	 */
	private function hasBox( $skin ): bool {
		$out = $skin->getOutput();
		$title = $skin->getTitle();
		return $title !== null && $title->isContentPage() && $title->exists() && !$title->isMainPage() &&
			$out->isArticle() && !$out->isPrintable() && $out->isRevisionCurrent() && !$title->isRedirect() &&
			$skin->getActionName() === 'view' &&
			$skin->getRequest()->getRawVal( 'diff' ) === null &&
			$this->client->isAvailable() && $skin->getAuthority()->definitelyCan( 'read', $title );
	}

	/**
	 * Whether a page is being edited in the wiki's text area, by somebody who may save it.
	 *
	 * @param Skin $skin
	 * @return bool
	 */
	private function hasEditor( $skin ): bool {
		$title = $skin->getTitle();
		return $title !== null && $title->isContentPage() && $title->hasContentModel( CONTENT_MODEL_WIKITEXT ) &&
			in_array( $skin->getActionName(), [ 'edit', 'submit' ], true ) &&
			$this->client->isAvailable() && $skin->getAuthority()->probablyCan( 'edit', $title );
	}
}
