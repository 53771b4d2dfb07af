<?php

namespace MediaWiki\Extension\Compagnon\Rest;

use MediaWiki\Extension\Compagnon\LinksReply;
use MediaWiki\Extension\Compagnon\ServiceAwayException;
use MediaWiki\Extension\Compagnon\ServiceClient;
use MediaWiki\Extension\Compagnon\VisiblePages;
use MediaWiki\Permissions\Authority;
use MediaWiki\Rest\Response;
use Title;
use TitleFactory;

/**
 * POST /compagnon/v0/links: suggestions for a text that is being written, for who may save it.
 *
 * 200 with what the editor may see, 204 when the service has nothing to say, 400 and 413 for a request that is
 * no request, 403 when they may not edit the page, 404 when there is none or they may not read it, 429 when they
 * have asked too often.
 */
class LinksHandler extends ServiceHandler {

	private const MOST_BYTES = 2200000;

	/** @var VisiblePages */
	private $pages;

	/** @var TitleFactory */
	private $titles;

	/** @var LinksReply */
	private $reply;

	/**
	 * @param ServiceClient $client
	 * @param VisiblePages $pages
	 * @param TitleFactory $titles
	 * @param LinksReply $reply
	 */
	public function __construct( ServiceClient $client, VisiblePages $pages, $titles, LinksReply $reply ) {
		parent::__construct( $client );
		$this->pages = $pages;
		$this->titles = $titles;
		$this->reply = $reply;
	}

	/** @inheritDoc */
	public function execute(): Response {
		if ( $this->isTooLarge( self::MOST_BYTES ) ) {
			return $this->refuse( 413 );
		}
		$body = $this->readObject( self::MOST_BYTES );
		if ( $body === null ) {
			return $this->refuse( 400 );
		}
		$pageId = $this->readNumber( $body, 'pageid' );
		$revId = $this->readNumber( $body, 'revid' );
		$name = $this->readText( $body, 'title', 1000 );
		$wikitext = $this->readText( $body, 'wikitext', self::MOST_BYTES );
		if ( $pageId === null || $revId === null || $name === null || $wikitext === null ) {
			return $this->refuse( 400 );
		}
		$editor = $this->getAuthority();
		$title = $this->title( $pageId, $name, $editor );
		if ( $title === null ) {
			return $this->refuse( 404 );
		}
		// Of a page that is not there yet this asks for the right to create it, too.
		if ( !$editor->definitelyCan( 'edit', $title ) ) {
			return $this->refuse( 403 );
		}
		if ( !$this->isPossible( $title, $revId ) ) {
			return $this->refuse( 400 );
		}
		if ( $this->client->isTooMuch( $editor, 'links' ) ) {
			return $this->refuse( 429 );
		}
		try {
			$reply = $this->client->post( $editor->getUser(), 'links', [
				'pageid' => $title->getArticleID(),
				'revid' => $revId,
				'title' => $title->getPrefixedText(),
				'wikitext' => $wikitext,
			], [ LinksReply::class, 'read' ] );
		} catch ( ServiceAwayException $e ) {
			return $this->sayNothing();
		}
		if ( $reply->status() !== 200 ) {
			return $this->sayNothing();
		}
		return $this->say( $this->reply->shown( $reply->data(), $wikitext, $editor ) );
	}

	/**
	 * The page that is edited: the one of this id, or the one to be made under this title.
	 *
	 * @param int $pageId 0 for a new page
	 * @param string $name
	 * @param Authority $editor
	 * @return Title|null
	 */
	private function title( int $pageId, string $name, Authority $editor ): ?Title {
		if ( $pageId > 0 ) {
			return $this->pages->one( $pageId, $editor );
		}
		$title = $this->titles->newFromText( $name );
		$may = $title !== null && $title->canExist() && $editor->definitelyCan( 'read', $title );
		return $may ? $title : null;
	}
}
