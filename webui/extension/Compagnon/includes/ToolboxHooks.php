<?php

namespace MediaWiki\Extension\Compagnon;

use Skin;
use SpecialPage;
use Title;

/**
 * Adds to the toolbox of a page the links to what Compagnon knows of it.
 *
 * With a secret they stay inside the wiki, whose readers need not reach the service, nor know where it is;
 * without one they lead to the web pages of the service.
 *
 * The hook's interface is left out on purpose: it has moved between the versions of MediaWiki that this works with.
 */
class ToolboxHooks {

	/** @var Settings */
	private $settings;

	/**
	 * @param Settings $settings
	 */
	public function __construct( Settings $settings ) {
		$this->settings = $settings;
	}

	/**
	 * @see https://www.mediawiki.org/wiki/Manual:Hooks/SidebarBeforeOutput
	 * @param Skin $skin
	 * @param array &$sidebar
	 */
	public function onSidebarBeforeOutput( $skin, &$sidebar ): void {
		$title = $skin->getTitle();
		if ( $this->settings->url() === null || !$title || !$title->exists() || !$title->isContentPage() ) {
			return;
		}
		foreach ( $this->addresses( $title, $skin ) as $name => $address ) {
			$sidebar['TOOLBOX']["compagnon-$name"] = [
				'id' => "t-compagnon-$name",
				'msg' => "compagnon-$name",
				'href' => $address,
			];
		}
	}

	/**
	 * @param Title $title
	 * @param Skin $skin
	 * @return string[]
	 */
	private function addresses( $title, $skin ): array {
		if ( !$this->settings->canAsk() ) {
			$base = $this->settings->url();
			return [
				'links' => wfAppendQuery( "$base/links", [ 'title' => $title->getPrefixedText() ] ),
				'related' => wfAppendQuery( "$base/", [ 'q' => $title->getText() ] ),
			];
		}
		$addresses = [];
		if ( $title->hasContentModel( CONTENT_MODEL_WIKITEXT ) &&
			$skin->getAuthority()->probablyCan( 'edit', $title )
		) {
			$addresses['links'] = $title->getLocalURL( [ 'action' => 'edit', 'compagnonlinks' => 1 ] );
		}
		$addresses['related'] = SpecialPage::getTitleFor( 'Compagnon' )->getLocalURL( [ 'q' => $title->getText() ] );
		return $addresses;
	}
}
